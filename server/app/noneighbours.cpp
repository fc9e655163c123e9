// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/noneighbours.h"

#include <QtCore/QTimer>

#include "server/app/rememberedredis.h"

#include "server/control/localcontrollog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::seconds kReturnTime{ 5 };

} // namespace

NoNeighbours::NoNeighbours(const QString &stateDir, std::optional<RedisUrl> ingest, NodeIdentity self, QObject &anchor,
    const Clock &clock, Log &log)
    : m_stateDir(stateDir)
    , m_ingestUrl(std::move(ingest))
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
    if (const std::optional<RedisUrl> left = rememberedredis::recall(m_stateDir)) {
        m_log.log(LogLevel::Info, "inboxes_return"_L1,
            { { "redis"_L1, left->redacted() },
                { "detail"_L1, u"this server was a node of a cluster: what its inboxes hold is taken from there"_s } });
        m_return = std::make_unique<InboxReturn>(*left, m_self.name, *m_own, m_clock, m_log, m_anchor,
            [this](const InboxReturn::Ended &ended) { inboxesReturned(ended); });
    }
}

void NoNeighbours::inboxesReturned(const InboxReturn::Ended &ended)
{
    rememberedredis::forget(m_stateDir);
    m_log.log(LogLevel::Info, "inboxes_returned"_L1,
        { { "notifications"_L1, ended.notifications },
            { "detail"_L1, u"the inboxes of the cluster are in the state file now"_s } });
    if (ended.before)
        m_workers->catchUp(*ended.before, kReturnTime); // who came before they were there
    QTimer::singleShot(0, &m_context, [this] { m_return.reset(); });
}

void NoNeighbours::leave()
{
    m_ingest.reset();
    m_return.reset();
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
