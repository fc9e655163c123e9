// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/refusalbudget.h"

using namespace std::chrono_literals;

namespace gatehouse {

RefusalBudget::RefusalBudget(const Bounds &bounds)
    : m_bounds(bounds)
    , m_number(bounds.perDay)
    , m_bytes(bounds.bytesPerDay)
{
}

void RefusalBudget::beginSecond(MonoTime now)
{
    constexpr int kLooksForEach = 4;
    if (m_second != MonoTime::min() && now - m_second < 1s)
        return;
    m_second = now;
    m_leftOfSecond = m_bounds.perSecond;
    m_looksLeft = m_bounds.perSecond * kLooksForEach;
}

bool RefusalBudget::mayTake(MonoTime now)
{
    beginSecond(now);
    if (m_leftOfSecond > 0 && m_looksLeft > 0) {
        --m_looksLeft;
        return true;
    }
    leaveOut(1);
    return false;
}

bool RefusalBudget::take(const IpAddress &address, qint64 bytes, MonoTime now)
{
    beginSecond(now);
    if (!isWithin(address, bytes, now)) {
        leaveOut(1);
        return false;
    }
    --m_leftOfSecond;
    m_number.spend(1);
    m_bytes.spend(bytes);
    return true;
}

bool RefusalBudget::isWithin(const IpAddress &address, qint64 bytes, MonoTime now)
{
    if (m_leftOfSecond <= 0 || !m_number.has(1, now) || !m_bytes.has(bytes, now))
        return false;
    const bool isScarce = m_number.isScarce(now) || m_bytes.isScarce(now);
    return !isScarce || !m_shares.take(address, now);
}

} // namespace gatehouse
