// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/clusternode.h"

#include "server/cluster/monitoring/decisionsignal.h"

namespace gatehouse {

ClusterNode::ClusterNode(const RedisUrl &url, NodeIdentity identity, const Clock &clock, Log &log)
    : m_clock(clock)
    , m_log(log)
    , m_cluster(url, std::move(identity), clock, log)
    , m_guards(m_cluster, clock, log)
    , m_history(m_cluster.dataLink(), log)
    , m_publish(m_history, clock)
    , m_notifications(m_history, m_publish, m_cluster.dataLink(), clock, log)
{
    RedisLink &link = m_cluster.dataLink();
    QObject::connect(&link, &RedisLink::up, &link, [this](const RedisServer &server) { m_history.join(server.runId); });
}

ClusterNode::~ClusterNode()
{
    stop();
}

MessageBus &ClusterNode::addDelivery(ChannelControl &workers)
{
    m_delivery = std::make_unique<ClusterDelivery>(m_cluster, m_history, workers, m_clock, m_log);
    m_requests = std::make_unique<NodeRequests>(m_delivery->pubSub(), m_clock);
    return m_delivery->bus();
}

void ClusterNode::addIngest(Publisher &publisher)
{
    m_delivery->addIngest(m_publish, publisher);
}

ClusterMonitoring &ClusterNode::addMonitoring(
    const History &ownHistory, MetricsArchive &archive, std::function<NodeReport()> self)
{
    ClusterMonitoring &monitoring = m_cluster.addMonitoring(ownHistory, [this, self = std::move(self)] {
        NodeReport report = self();
        report.node = m_cluster.identity();
        const SharingState sharing = m_guards.limits().state();
        report.isAlone = !sharing.isShared;
        report.aloneReason = sharing.reason;
        return report;
    });
    archive.setObserver([&monitoring](const std::vector<History::Block> &blocks) { monitoring.keepHistory(blocks); });
    return monitoring;
}

void ClusterNode::addAdmin(AdminApi &api, DecisionLog &decisions, LiveFeed &feed)
{
    m_requests->setAnswer(
        [&api](const PeerRequest &request, const Responder &respond) { api.handleOfPeer(request, respond); });
    feed.setNode(m_cluster.identity().name);
    ClusterPubSub &pubSub = m_delivery->pubSub();
    QObject::connect(&decisions, &DecisionLog::drained, &pubSub,
        [this, &pubSub](const std::vector<Decision> &drained, qint64 skipped) {
            decisionsignal::send(pubSub, m_cluster.identity().name, drained, skipped);
        });
    decisionsignal::listen(
        pubSub, [&feed](const std::vector<Decision> &taken, qint64 skipped) { feed.sendDecisions(taken, skipped); });
}

void ClusterNode::start(ControlReplica &control, QObject &anchor)
{
    control.start(m_cluster.addControl(anchor));
    m_cluster.start();
}

void ClusterNode::stop()
{
    m_notifications.detach(); // its link ends before the workers that ask it
    if (m_delivery)
        m_delivery->pubSub().silence(); // and before the store has given its last answers
    m_cluster.stop();
}

ClusterStats ClusterNode::stats()
{
    ClusterStats stats;
    const NodesReply known = monitoring().registry().nodes();
    for (const NodeInfo &node : known.nodes)
        ++stats.nodes[size_t(node.state)];
    stats.isRedisUp = known.redis && known.redis->isUp;
    const ClusterLimits &limits = m_guards.limits();
    stats.isSharingLimits = limits.isShared();
    stats.admissionTimes = &limits.admissionTimes();
    stats.unansweredAdmissions = limits.missedAnswers();
    m_delivery->addTo(stats);
    return stats;
}

} // namespace gatehouse
