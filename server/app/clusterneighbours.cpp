// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/clusterneighbours.h"

#include "server/base/onthread.h"

namespace gatehouse {

namespace {

constexpr qsizetype kTagChars = 6; ///< of the run's random part
constexpr std::chrono::seconds kCatchUpTime{ 5 };

} // namespace

ClusterNeighbours::ClusterNeighbours(const RedisUrl &url, const AdmissionTerms &terms, const NodeIdentity &self,
    QObject &anchor, const Clock &clock, Log &log, std::function<void()> inboxesBrought)
    : m_self(self)
    , m_anchor(anchor)
    , m_clock(clock)
    , m_log(log)
    , m_madeAt(clock.monotonic())
    , m_node(url, terms, self, anchor, clock, log)
    , m_inboxesBrought(std::move(inboxesBrought))
{
}

bool ClusterNeighbours::isTimeKnown() const
{
    return m_node.clock().skew() || m_clock.monotonic() - m_madeAt > kLongestDoubt;
}

std::chrono::milliseconds ClusterNeighbours::clockError() const
{
    return std::chrono::abs(m_node.clock().skew().value_or(std::chrono::milliseconds(0)));
}

std::unique_ptr<ControlLog> ClusterNeighbours::controlLog(StoreThread &store)
{
    m_store = &store;
    auto replica
        = std::make_unique<ControlReplica>(m_self.name, store, clock(), m_log, m_anchor, ControlReplica::Timing{});
    m_replica = replica.get();
    return replica;
}

void ClusterNeighbours::addTo(ChannelEnvironment &channel)
{
    channel.guards.peers = &m_node.limits();
    channel.guards.peerTickets = &m_node.tickets();
    channel.nodeTag = m_self.run.right(kTagChars).toLower();
}

MessageBus &ClusterNeighbours::bus(ChannelControl &workers)
{
    m_workers = &workers;
    m_delivery = m_node.deliver(workers);
    return m_delivery->bus();
}

MonitoringView &ClusterNeighbours::monitoring(
    const Aggregator &aggregator, const History &history, MetricsArchive &archive)
{
    m_monitoring = m_node.monitor(*m_delivery, { aggregator, history, archive });
    return m_monitoring->registry();
}

void ClusterNeighbours::addTo(AdminDependencies &admin)
{
    admin.peers = &m_monitoring->peers();
    admin.clusterStats = [this] { return m_membership ? std::optional(m_membership->stats()) : std::nullopt; };
    admin.forgetNode = [this](const QString &node, std::function<void(const Status &)> done) {
        m_monitoring->forget(node, std::move(done));
    };
}

void ClusterNeighbours::join(const ClusterMembership::Server &server)
{
    const auto look = [this] { lookWhetherJoined(); };
    QObject::connect(m_replica, &ControlReplica::joined, &m_context, look);
    QObject::connect(&m_node.limits(), &ClusterLimits::settled, &m_node.limits(),
        onThreadOf(m_anchor, &m_context, look), Qt::DirectConnection);
    QTimer::singleShot(kLongestJoin, &m_context, [this] { endJoining(); });
    m_inboxes = m_node.bringInboxes(*m_store, m_anchor);
    QObject::connect(m_inboxes.get(), &InboxMove::brought, &m_context, [this](quint32 run, qint64 after) {
        m_workers->catchUp({ run, after }, kCatchUpTime); // who came before they were there
    });
    QObject::connect(m_inboxes.get(), &InboxMove::done, &m_context, m_inboxesBrought);
    m_replica->join(m_node.control());
    m_membership = m_node.join(*m_delivery, *m_monitoring, server);
}

/// Joined is who judges with the others and goes by their bans; who cannot reach Redis has nothing to wait for.
void ClusterNeighbours::lookWhetherJoined()
{
    const ClusterLimits &limits = m_node.limits();
    if (limits.isSettled() && (!limits.isSharing() || (m_replica && m_replica->isAvailable())))
        endJoining();
}

void ClusterNeighbours::endJoining()
{
    if (!std::exchange(m_isJoining, false))
        return;
    for (const std::function<void()> &joined : std::exchange(m_whenJoined, {}))
        joined();
}

void ClusterNeighbours::whenJoined(std::function<void()> joined)
{
    if (m_isJoining)
        m_whenJoined.push_back(std::move(joined));
    else
        joined();
}

void ClusterNeighbours::leave()
{
    if (m_replica) // it ends with a control plane that could not be loaded
        m_replica->stop();
    m_inboxes.reset();
    m_membership.reset();
}

void ClusterNeighbours::announceRead(const QString &user, const QByteArray &message) const
{
    m_delivery->announceRead(user, message);
}

void ClusterNeighbours::grant(const ClientCounts &counts, std::function<void()> done)
{
    m_node.limits().grant(counts, [anchor = &m_anchor, done = std::move(done)](bool isGranted) {
        if (isGranted)
            postTo(*anchor, done);
    });
}

} // namespace gatehouse
