// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/clustermembership.h"

#include <QtCore/QSemaphore>

#include "server/base/onthread.h"
#include "server/cluster/monitoring/decisionsignal.h"

namespace gatehouse {

namespace {

/// What takes from `gatehouse:publish`, on the data thread.
const PublishIngest &makeIngest(const ClusterMembership::Node &node, Publisher &publisher)
{
    RedisLink &link = node.links.ingest();
    PublishIngest::Published published
        = onThreadOf(publisher, [&publisher](qint64 stored, const std::vector<PublishRequest> &ephemeral) {
              publisher.ingested(stored, ephemeral);
          });
    auto &ingest = node.links.dataThread().add(std::make_unique<PublishIngest>(
        link, PublishIngest::by(node.publish), node.identity.run, std::move(published), node.clock, node.log));
    QObject::connect(&link, &RedisLink::up, &ingest, &PublishIngest::linkUp);
    return ingest;
}

} // namespace

ClusterMembership::ClusterMembership(
    const Node &node, ClusterDelivery &delivery, ClusterMonitoring &monitoring, const Server &server)
    : m_name(node.identity.name)
    , m_links(node.links)
    , m_limits(node.limits)
    , m_notifications(node.notifications)
    , m_delivery(delivery)
    , m_monitoring(monitoring)
    , m_ingest(makeIngest(node, server.publisher))
{
    speakFor(server);
    m_links.connect();
}

void ClusterMembership::speakFor(const Server &server)
{
    ClusterPubSub &pubSub = m_delivery.pubSub();
    nodeanswers::listen(pubSub, [&api = server.api](const PeerRequest &request, const Responder &respond) {
        api.handleOfPeer(request, respond);
    });
    server.feed.setNode(m_name);
    QObject::connect(&server.decisions, &DecisionLog::drained, &pubSub,
        [name = m_name, &pubSub](const std::vector<Decision> &drained, qint64 skipped) {
            decisionsignal::send(pubSub, name, drained, skipped);
        });
    decisionsignal::listen(pubSub, [&feed = server.feed](const std::vector<Decision> &taken, qint64 skipped) {
        feed.sendDecisions(taken, skipped);
    });
}

ClusterMembership::~ClusterMembership()
{
    m_notifications.detach();      // its link ends before the workers that ask it
    m_delivery.pubSub().silence(); // and before the store has given its last answers
    sayGoodbye();
    m_links.end();
}

void ClusterMembership::sayGoodbye()
{
    constexpr int kFarewells = 2;
    // Not on the stack: one that answers late must not find it gone.
    const auto said = std::make_shared<QSemaphore>();
    m_limits.resign([said] { said->release(); });
    m_monitoring.leave([said] { said->release(); });
    said->tryAcquire(kFarewells, int(kFarewellTime.count()));
}

ClusterStats ClusterMembership::stats() const
{
    ClusterStats stats;
    const NodesReply known = m_monitoring.registry().nodes();
    for (const NodeInfo &node : known.nodes)
        ++stats.nodes[size_t(node.state)];
    stats.isRedisUp = known.redis && known.redis->isUp;
    stats.asksPeers = m_limits.isSharing();
    stats.admissionTimes = &m_limits.admissionTimes();
    stats.unansweredAdmissions = m_limits.missedAnswers();
    m_delivery.addTo(stats);
    stats.ingested = m_ingest.taken();
    stats.refusedIngests = m_ingest.refused();
    return stats;
}

} // namespace gatehouse
