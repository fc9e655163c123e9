// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addressrate.h"

namespace gatehouse {

AddressRate::AddressRate(int perMinute, WhenFull whenFull)
    : m_perMinute(perMinute)
    , m_whenFull(whenFull)
{
}

std::optional<std::chrono::milliseconds> AddressRate::take(const IpAddress &client, MonoTime now)
{
    const IpAddress bucket = client.bucket();
    const std::lock_guard lock(m_mutex);
    while (!m_known.empty() && m_known.front().latest + kWindow <= now)
        forgetFirst();
    const auto found = m_places.find(bucket);
    if (found != m_places.end()) {
        const Place place = found->second;
        if (const auto wait = place->calls.waitUntilBelow(m_perMinute, now); wait > wait.zero())
            return wait;
        m_known.splice(m_known.end(), m_known, place);
    } else {
        if (m_known.size() >= kMaxAddresses) {
            if (m_whenFull == WhenFull::Refuse)
                return std::chrono::ceil<std::chrono::milliseconds>(m_known.front().latest + kWindow - now);
            forgetFirst();
        }
        m_places.emplace(bucket, m_known.insert(m_known.end(), Known{ bucket, now }));
    }
    m_known.back().latest = now;
    m_known.back().calls.add(now);
    return std::nullopt;
}

size_t AddressRate::rememberedAddresses() const
{
    const std::lock_guard lock(m_mutex);
    return m_known.size();
}

void AddressRate::forgetFirst()
{
    m_places.erase(m_known.front().bucket);
    m_known.pop_front();
}

} // namespace gatehouse
