// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/reconnectpolicy.h"

#include <algorithm>
#include <cmath>

namespace gatehouse {

ReconnectPolicy::ReconnectPolicy(Random random)
    : m_random(std::move(random))
{
}

void ReconnectPolicy::connected(MonoTime now)
{
    m_isUp = true;
    m_upSince = now;
}

std::chrono::milliseconds ReconnectPolicy::lost(MonoTime now)
{
    if (m_isUp && now - m_upSince >= kStableAfter)
        m_failures = 0;
    m_isUp = false;
    // 2^6 half seconds are beyond the longest delay already; counting on would overflow one day.
    const auto ceiling = std::min(kFirstDelay * (1 << std::min(m_failures, 6)), kLongestDelay);
    ++m_failures;
    const double share = 0.5 + 0.5 * std::clamp(m_random(), 0.0, 1.0);
    return std::chrono::milliseconds(std::llround(double(ceiling.count()) * share));
}

void ReconnectPolicy::reset()
{
    m_failures = 0;
    m_isUp = false;
}

} // namespace gatehouse
