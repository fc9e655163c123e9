// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/drainplan.h"

#include <algorithm>

namespace gatehouse {

DrainPlan::DrainPlan(qint64 connections, std::chrono::milliseconds longest)
    : m_connections(std::max<qint64>(connections, 0))
{
    const std::chrono::milliseconds needed(m_connections * kTimePerClient.count());
    m_window = std::clamp(longest, std::chrono::milliseconds(0), needed);
    m_spread = std::max(m_window, std::min(needed, kLeastSpread));
}

qint64 DrainPlan::due(std::chrono::milliseconds elapsed) const
{
    if (elapsed >= m_window)
        return m_connections;
    if (m_connections == 0)
        return 0;
    // Number i, from 0, is due at i/n of the window.
    return std::max<qint64>(elapsed.count(), 0) * m_connections / m_window.count() + 1;
}

qint64 DrainPlan::reconnectDelay(std::chrono::milliseconds elapsed, double random) const
{
    const auto left = std::clamp(m_window - elapsed, std::chrono::milliseconds(0), m_window);
    const qint64 spread = std::chrono::ceil<std::chrono::seconds>(m_spread).count();
    return std::chrono::ceil<std::chrono::seconds>(left + kRestart).count() + qint64(random * double(spread));
}

} // namespace gatehouse
