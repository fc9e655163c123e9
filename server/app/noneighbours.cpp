// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/noneighbours.h"

#include "server/control/localcontrollog.h"

namespace gatehouse {

NoNeighbours::NoNeighbours(
    std::optional<RedisUrl> ingest, NodeIdentity self, QObject &anchor, const Clock &clock, Log &log)
    : m_ingestUrl(std::move(ingest))
    , m_self(std::move(self))
    , m_anchor(anchor)
    , m_clock(clock)
    , m_log(log)
{
}

NodeInfo NoNeighbours::info() const
{
    NodeInfo info;
    info.name = m_self.name;
    info.run = m_self.run;
    info.version = m_self.version;
    info.url = m_self.url;
    info.startedAt = m_self.startedAt;
    return info;
}

void NoNeighbours::addTo(AdminDependencies &admin)
{
    if (m_ingestUrl)
        admin.ingestStats = [this] { return m_ingest ? std::optional(m_ingest->stats()) : std::nullopt; };
}

void NoNeighbours::join(const ClusterMembership::Server &server)
{
    if (m_ingestUrl)
        m_ingest = std::make_unique<SoloIngest>(*m_ingestUrl, m_self, server.publisher, m_clock, m_log);
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
    m_monitoring = std::make_unique<LocalMonitoring>(aggregator, history, info());
    return *m_monitoring;
}

} // namespace gatehouse
