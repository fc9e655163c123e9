// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/cluster/admission/clusteradmission.h"
#include "server/cluster/clusterlinks.h"
#include "server/cluster/clustermembership.h"
#include "server/cluster/control/rediscontrol.h"
#include "server/cluster/delivery/inboxmove.h"
#include "server/cluster/delivery/redishistory.h"
#include "server/cluster/delivery/redisnotificationstore.h"
#include "server/redis/redisclockprobe.h"

namespace gatehouse {

/// What REDIS_URL makes of a server: a node, with notifications, limits, tickets, monitoring and control in common with
/// the others. A server grows from the bottom up, and the node with it. Each step takes what the step before has made:
///
/// - the node itself has what workers and state are made with;
/// - deliver() has the bus, for which there must be workers;
/// - monitor() has the view of all nodes, for which there must be metrics of this one;
/// - join() connects to Redis, for which there must be everything. What it returns is the membership: it ends with
/// that.
///
/// Lives on the main thread; outlives the workers, which give back what they hold last of all, and what it has made.
class ClusterNode final
{
public:
    /// `anchor` is an object of the main thread. It, `clock` and `log` outlive the node.
    ClusterNode(const RedisUrl &url, const AdmissionTerms &terms, NodeIdentity identity, QObject &anchor,
        const Clock &clock, Log &log);
    ~ClusterNode();
    Q_DISABLE_COPY_MOVE(ClusterNode)

    [[nodiscard]] NotificationStore &notifications() { return m_notifications; }
    [[nodiscard]] ClusterLimits &limits() { return m_admission.limits(); }
    [[nodiscard]] PeerTickets &tickets() { return m_admission.tickets(); }
    /// The time that all nodes have in common. Any thread.
    [[nodiscard]] const RedisClock &clock() const { return m_clock; }
    /// Until the membership has ended.
    [[nodiscard]] ControlTransport &control() { return m_control; }

    /// The parts that these are given outlive what is made of them.
    [[nodiscard]] std::unique_ptr<ClusterDelivery> deliver(ChannelControl &workers);
    [[nodiscard]] std::unique_ptr<ClusterMonitoring> monitor(
        ClusterDelivery &delivery, const ClusterMonitoring::OwnMetrics &own);
    /// Brings what the state file's inboxes hold, as soon as Redis is there. Before join(); ends before the membership.
    [[nodiscard]] std::unique_ptr<InboxMove> bringInboxes(StoreThread &store, QObject &anchor);
    [[nodiscard]] std::unique_ptr<ClusterMembership> join(
        ClusterDelivery &delivery, ClusterMonitoring &monitoring, const ClusterMembership::Server &server);

private:
    const NodeIdentity m_identity;
    RedisClock m_clock;
    Log &m_log;
    ClusterLinks m_links;
    RedisClockProbe &m_clockProbe; ///< on the data thread
    ClusterAdmission m_admission;
    RedisHistory m_history;
    PublishScript m_publish;
    RedisNotificationStore m_notifications;
    RedisControl &m_control; ///< on the data thread
};

} // namespace gatehouse
