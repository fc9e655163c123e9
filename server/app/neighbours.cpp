// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/neighbours.h"

#include "server/base/onthread.h"

namespace gatehouse {

namespace {

constexpr qsizetype kTagChars = 6; ///< of the run's random part

NodeInfo infoOf(const NodeIdentity &identity)
{
    NodeInfo info;
    info.name = identity.name;
    info.run = identity.run;
    info.version = identity.version;
    info.url = identity.url;
    info.startedAt = identity.startedAt;
    return info;
}

} // namespace

Neighbours::Neighbours(const Settings &settings, NodeIdentity self, QObject &anchor, const Clock &clock, Log &log)
    : m_self(std::move(self))
    , m_anchor(anchor)
{
    if (settings.redis)
        m_node = std::make_unique<ClusterNode>(*settings.redis, m_self, anchor, clock, log);
}

Neighbours::~Neighbours() = default;

NotificationStore &Neighbours::notifications(NotificationStore &own)
{
    return m_node ? m_node->notifications() : own;
}

void Neighbours::addTo(ChannelEnvironment &channel)
{
    if (!m_node)
        return;
    channel.guards.peers = &m_node->limits();
    channel.guards.peerTickets = &m_node->tickets();
    channel.nodeTag = m_self.run.right(kTagChars).toLower();
}

MessageBus &Neighbours::bus(ChannelControl &workers)
{
    if (!m_node)
        return workers;
    m_delivery = m_node->deliver(workers);
    return m_delivery->bus();
}

MonitoringView &Neighbours::monitoring(const Aggregator &aggregator, const History &history, MetricsArchive &archive)
{
    if (!m_node) {
        m_localMonitoring = std::make_unique<LocalMonitoring>(aggregator, history, infoOf(m_self));
        return *m_localMonitoring;
    }
    m_clusterMonitoring = m_node->monitor(*m_delivery, { aggregator, history, archive });
    return m_clusterMonitoring->registry();
}

void Neighbours::addTo(AdminDependencies &admin)
{
    if (!m_clusterMonitoring)
        return;
    admin.peers = &m_clusterMonitoring->peers();
    admin.clusterStats = [this] { return m_membership ? std::optional(m_membership->stats()) : std::nullopt; };
    admin.forgetNode = [this](const QString &node, std::function<void(const Status &)> done) {
        m_clusterMonitoring->forget(node, std::move(done));
    };
}

void Neighbours::join(ControlPlane &control, const ClusterMembership::Server &server)
{
    if (!m_node)
        return;
    control.join(m_node->control());
    m_membership = m_node->join(*m_delivery, *m_clusterMonitoring, server);
}

void Neighbours::tick()
{
    if (m_clusterMonitoring)
        m_clusterMonitoring->tick();
}

qint64 Neighbours::lost() const
{
    return m_clusterMonitoring ? m_clusterMonitoring->lostToAnnounce().size() : 0;
}

void Neighbours::announceRead(const QString &user, const QByteArray &message) const
{
    if (m_delivery)
        m_delivery->announceRead(user, message);
}

void Neighbours::grant(const AddressCounts &counts, std::function<void()> done)
{
    if (!m_node)
        return;
    m_node->limits().grant(counts, [anchor = &m_anchor, done = std::move(done)](bool isGranted) {
        if (isGranted)
            postTo(*anchor, done);
    });
}

} // namespace gatehouse
