// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/drainplan.h"

#include <algorithm>

namespace gatehouse {

namespace {

std::chrono::milliseconds neededBy(qint64 connections)
{
    return std::max<qint64>(connections, 0) * DrainPlan::kTimePerClient;
}

} // namespace

std::chrono::milliseconds DrainPlan::windowOf(qint64 connections, std::chrono::milliseconds longest)
{
    return std::clamp(longest, std::chrono::milliseconds(0), neededBy(connections));
}

DrainPlan::DrainPlan(qint64 connections, std::chrono::milliseconds window)
    : m_closings{ connections, window }
    , m_returns(std::max(window, std::min(neededBy(connections), kLeastSpread)))
{
}

qint64 DrainPlan::reconnectDelay(std::chrono::milliseconds elapsed, double random) const
{
    const auto left = std::clamp(window() - elapsed, std::chrono::milliseconds(0), window());
    const qint64 spread = std::chrono::ceil<std::chrono::seconds>(m_returns).count();
    return std::chrono::ceil<std::chrono::seconds>(left + kRestart).count() + qint64(random * double(spread));
}

} // namespace gatehouse
