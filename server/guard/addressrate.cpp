// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addressrate.h"

namespace gatehouse {

AddressRate::AddressRate(int perMinute)
    : m_perMinute(perMinute)
{
}

std::optional<std::chrono::milliseconds> AddressRate::take(const IpAddress &client, MonoTime now)
{
    const IpAddress bucket = client.bucket();
    const std::lock_guard lock(m_mutex);
    if (m_calls.empty() || now >= m_minute + kWindow) {
        m_minute = now;
        m_calls.clear();
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(m_minute + kWindow - now);
    auto found = m_calls.find(bucket);
    if (found == m_calls.end()) {
        if (m_calls.size() >= kMaxAddresses)
            return wait;
        found = m_calls.emplace(bucket, 0).first;
    }
    if (found->second >= m_perMinute)
        return wait;
    ++found->second;
    return std::nullopt;
}

} // namespace gatehouse
