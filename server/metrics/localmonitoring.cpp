// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/localmonitoring.h"

namespace gatehouse {

LocalMonitoring::LocalMonitoring(const Aggregator &aggregator, const History &history, NodeInfo self)
    : m_aggregator(aggregator)
    , m_history(history)
    , m_self(std::move(self))
{
    m_self.isThis = true;
    m_self.state = NodeState::Up;
}

std::optional<MonitoringState> LocalMonitoring::state(const QString &node) const
{
    if (!hasNode(node))
        return std::nullopt;
    return MonitoringState{ m_aggregator.totals(), m_aggregator.frame(), m_aggregator.lastMinute(),
        m_aggregator.peakConnections(), m_aggregator.addressesNearLimit() };
}

void LocalMonitoring::history(const QString &node, const HistoryQuery &query, HistoryDone done)
{
    if (hasNode(node))
        done(m_history.query(query.metrics, query.from, query.to, query.points));
    else
        done(Error{ QStringLiteral("there is no node of that name"), QStringLiteral("node") });
}

NodesReply LocalMonitoring::nodes() const
{
    NodeInfo self = m_self;
    const DailyTotals totals = m_aggregator.totals();
    self.activeConnections = totals.activeConnections;
    self.messagesPerMinute = totals.messagesPerMinute;
    self.refusalsPerMinute = m_aggregator.lastMinute().refusals;
    return { { self }, std::nullopt };
}

} // namespace gatehouse
