// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/reconnectgrants.h"

namespace gatehouse {

void ReconnectGrants::give(const AddressCounts &counts, MonoTime now)
{
    Map left;
    Map ofSite; // how many addresses of it are there
    for (const auto &[bucket, count] : counts) {
        if (count == 0)
            continue;
        if (const auto found = left.find(bucket); found != left.end()) {
            found->second += count;
        } else if (left.size() < kMostAddresses
            && (bucket.isIpv4 || ++ofSite[AddressKey::of(bucket.toAddress().site())] <= kMostOfSite)) {
            left.emplace(bucket, count);
        }
    }
    const std::lock_guard lock(m_mutex);
    m_left = std::move(left);
    m_validUntil = now + kLifetime;
    m_isEmpty = m_left.empty();
}

bool ReconnectGrants::take(const AddressKey &bucket, MonoTime now)
{
    if (m_isEmpty.load(std::memory_order_relaxed))
        return false;
    const std::lock_guard lock(m_mutex);
    const auto found = m_left.find(bucket);
    if (found == m_left.end() || now >= m_validUntil)
        return false;
    if (--found->second == 0)
        m_left.erase(found);
    m_isEmpty = m_left.empty();
    return true;
}

bool ReconnectGrants::has(const AddressKey &bucket, MonoTime now) const
{
    if (m_isEmpty.load(std::memory_order_relaxed))
        return false;
    const std::lock_guard lock(m_mutex);
    return m_left.contains(bucket) && now < m_validUntil;
}

void ReconnectGrants::giveBack(const AddressKey &bucket)
{
    // If everything expired meanwhile, what comes back expires with the next expire(): it is past its time already.
    const std::lock_guard lock(m_mutex);
    ++m_left[bucket];
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

AddressCounts ReconnectGrants::left(MonoTime now) const
{
    const std::lock_guard lock(m_mutex);
    return now < m_validUntil ? AddressCounts(m_left.begin(), m_left.end()) : AddressCounts();
}

size_t ReconnectGrants::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_left.size();
}

} // namespace gatehouse
