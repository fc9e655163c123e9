// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/reconnectgrants.h"

namespace gatehouse {

void ReconnectGrants::give(const ClientCounts &counts, MonoTime now)
{
    Map left;
    std::unordered_map<AddressKey, size_t, SiteHasher> ofSite; // how many clients of it are there
    for (const auto &[client, count] : counts) {
        if (count == 0)
            continue;
        if (const auto found = left.find(client); found != left.end()) {
            found->second += count;
        } else if (left.size() < kMostClients
            && (client.bucket.isIpv4 || ++ofSite[AddressKey::of(client.bucket.toAddress().site())] <= kMostOfSite)) {
            left.emplace(client, count);
        }
    }
    const std::lock_guard lock(m_mutex);
    m_left = std::move(left);
    m_validUntil = now + kLifetime;
    m_isEmpty = m_left.empty();
}

bool ReconnectGrants::take(const ClientKey &client, MonoTime now)
{
    if (m_isEmpty.load(std::memory_order_relaxed))
        return false;
    const std::lock_guard lock(m_mutex);
    const auto found = m_left.find(client);
    if (found == m_left.end() || now >= m_validUntil)
        return false;
    if (--found->second == 0)
        m_left.erase(found);
    m_isEmpty = m_left.empty();
    return true;
}

bool ReconnectGrants::has(const ClientKey &client, MonoTime now) const
{
    if (m_isEmpty.load(std::memory_order_relaxed))
        return false;
    const std::lock_guard lock(m_mutex);
    return m_left.contains(client) && now < m_validUntil;
}

void ReconnectGrants::giveBack(const ClientKey &client)
{
    // If everything expired meanwhile, what comes back expires with the next expire(): it is past its time already.
    const std::lock_guard lock(m_mutex);
    ++m_left[client];
    m_isEmpty = false;
}

void ReconnectGrants::expire(MonoTime now)
{
    if (m_isEmpty.load(std::memory_order_relaxed))
        return;
    const std::lock_guard lock(m_mutex);
    if (now < m_validUntil)
        return;
    m_left = Map();
    m_isEmpty = true;
}

ClientCounts ReconnectGrants::left(MonoTime now) const
{
    const std::lock_guard lock(m_mutex);
    return now < m_validUntil ? ClientCounts(m_left.begin(), m_left.end()) : ClientCounts();
}

size_t ReconnectGrants::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_left.size();
}

} // namespace gatehouse
