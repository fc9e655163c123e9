// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/noneighbours.h"

#include "server/control/localcontrollog.h"

namespace gatehouse {

NoNeighbours::NoNeighbours(const NodeIdentity &self, QObject &anchor, const Clock &clock)
    : m_anchor(anchor)
    , m_clock(clock)
{
    m_self.name = self.name;
    m_self.run = self.run;
    m_self.version = self.version;
    m_self.url = self.url;
    m_self.startedAt = self.startedAt;
}

std::unique_ptr<ControlLog> NoNeighbours::controlLog(StoreThread &store)
{
    return std::make_unique<LocalControlLog>(store, m_clock, m_anchor);
}

void NoNeighbours::addTo(ChannelEnvironment &channel)
{
    channel.guards.peers = &m_peers;
    channel.guards.peerTickets = &m_tickets;
}

MonitoringView &NoNeighbours::monitoring(const Aggregator &aggregator, const History &history, MetricsArchive &)
{
    m_monitoring = std::make_unique<LocalMonitoring>(aggregator, history, m_self);
    return *m_monitoring;
}

} // namespace gatehouse
