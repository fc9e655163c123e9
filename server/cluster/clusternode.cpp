// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/clusternode.h"

#include "server/base/onthread.h"
#include "server/redis/redisadvice.h"
#include "server/redis/redisclockprobe.h"

namespace gatehouse {

namespace {

/// The control log on the data thread, told of its two links.
RedisControl &makeControl(ClusterLinks &links, QObject &anchor)
{
    auto &control = links.dataThread().add(std::make_unique<RedisControl>(links.data(), links.control(), anchor));
    for (RedisLink *link : { &links.data(), &links.control() }) {
        QObject::connect(link, &RedisLink::up, &control, [&control] { control.linksChanged(); });
        QObject::connect(
            link, &RedisLink::down, &control, [&control](const QString &reason) { control.linksChanged(reason); });
    }
    return control;
}

/// What asks Redis for the time, on the data thread. Told of the link before all others, so that the time is known
/// before what is judged by it.
RedisClockProbe &makeClockProbe(ClusterLinks &links, RedisClock &clock, Log &log)
{
    RedisLink &link = links.data();
    auto &probe = links.dataThread().add(std::make_unique<RedisClockProbe>(link, clock, log));
    QObject::connect(&link, &RedisLink::up, &probe, &RedisClockProbe::linkUp);
    return probe;
}

} // namespace

ClusterNode::ClusterNode(const RedisUrl &url, const AdmissionTerms &terms, NodeIdentity identity, QObject &anchor,
    const Clock &clock, Log &log)
    : m_identity(std::move(identity))
    , m_clock(clock)
    , m_log(log)
    , m_links(url, m_identity.name, clock, log)
    , m_clockProbe(makeClockProbe(m_links, m_clock, log))
    , m_admission(m_identity, terms, m_links.guard(), m_links.guardThread(), clock, log)
    , m_history(m_links.data(), log)
    , m_publish(m_history, m_clock)
    , m_notifications(m_history, m_publish, m_links.data(), m_clock, log)
    , m_control(makeControl(m_links, anchor))
{
    RedisLink &link = m_links.data();
    QObject::connect(&link, &RedisLink::up, &link, [this, &link](const RedisServer &server) {
        m_history.join(server.runId);
        warnOfRedisSettings(link, m_log);
    });
}

ClusterNode::~ClusterNode()
{
    m_links.end(); // before what is on its threads refers to
}

std::unique_ptr<ClusterDelivery> ClusterNode::deliver(ChannelControl &workers)
{
    const ClusterDelivery::Links links{ m_links.dataThread(), m_links.data(), m_links.stream(), m_links.subscriber() };
    return std::make_unique<ClusterDelivery>(m_identity.run, links, m_history, workers, m_clock, m_log);
}

std::unique_ptr<ClusterMonitoring> ClusterNode::monitor(
    ClusterDelivery &delivery, const ClusterMonitoring::OwnMetrics &own)
{
    const ClusterMonitoring::Links links{ m_links.dataThread(), m_links.data(), m_links.reports() };
    return std::make_unique<ClusterMonitoring>(
        m_identity, links, own, [this] { return limits().state(); }, delivery.pubSub(), m_clock, m_log);
}

std::unique_ptr<InboxMove> ClusterNode::bringInboxes(StoreThread &store, QObject &anchor)
{
    RedisLink &link = m_links.data();
    auto move = std::make_unique<InboxMove>(store, m_history, link, m_clock, m_log, anchor);
    const auto start = onThreadOf(anchor, move.get(), [move = move.get()] { move->start(); });
    QObject::connect(&link, &RedisLink::up, &link, [start](const RedisServer &) { start(); });
    return move;
}

std::unique_ptr<ClusterMembership> ClusterNode::join(
    ClusterDelivery &delivery, ClusterMonitoring &monitoring, const ClusterMembership::Server &server)
{
    const ClusterMembership::Node node{ m_identity, m_links, limits(), m_publish, m_notifications, m_clock, m_log };
    return std::make_unique<ClusterMembership>(node, delivery, monitoring, server);
}

} // namespace gatehouse
