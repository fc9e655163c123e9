// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/admin/adminapi.h"
#include "server/admin/livefeed.h"
#include "server/cluster/admission/sharedguards.h"
#include "server/cluster/cluster.h"
#include "server/cluster/delivery/clusterdelivery.h"
#include "server/cluster/delivery/redishistory.h"
#include "server/cluster/delivery/redisnotificationstore.h"
#include "server/cluster/monitoring/noderequests.h"
#include "server/control/controlreplica.h"
#include "server/metrics/clusterstats.h"
#include "server/metrics/metricsarchive.h"
#include "server/notify/publisher.h"

namespace gatehouse {

/// What REDIS_URL makes of a server: a node, with notifications, limits, tickets, monitoring and control in common with
/// the others. The composition root makes it before the parts that are its users, hands it those of this server, and
/// calls start(). Lives on the main thread; outlives the workers, which give back what they hold last of all.
class ClusterNode final
{
public:
    /// `clock` and `log` outlive it.
    ClusterNode(const RedisUrl &url, NodeIdentity identity, const Clock &clock, Log &log);
    ~ClusterNode();
    Q_DISABLE_COPY_MOVE(ClusterNode)

    [[nodiscard]] NotificationStore &notifications() { return m_notifications; }
    [[nodiscard]] SharedGuards &guards() { return m_guards; }

    /// Each of these once, before start(). What they are given is there until stop().
    [[nodiscard]] MessageBus &addDelivery(ChannelControl &workers);
    void addIngest(Publisher &publisher); ///< after addDelivery()
    [[nodiscard]] ClusterMonitoring &addMonitoring(
        const History &ownHistory, MetricsArchive &archive, std::function<NodeReport()> self);

    /// Lets the admin APIs of the nodes ask each other, and tells the consoles of the others who is refused here.
    [[nodiscard]] PeerNodes &peers() { return *m_requests; } ///< after addDelivery()
    void addAdmin(AdminApi &api, DecisionLog &decisions, LiveFeed &feed);

    /// Joins the control log, by `control`, and connects. `anchor`, an object of the main thread, outlives it.
    void start(ControlReplica &control, QObject &anchor);
    /// Says good-bye, and ends what runs on the cluster's threads. What refers to it must not be called any more, but
    /// for the guards.
    void stop();

    /// Tells a user's connections on other nodes what was read on this one. Any thread, after addDelivery().
    void announceRead(const QString &user, const QByteArray &message) const { m_delivery->announceRead(user, message); }
    [[nodiscard]] ClusterMonitoring &monitoring() { return m_cluster.monitoring(); }
    /// Before stop().
    [[nodiscard]] ClusterStats stats();

private:
    const Clock &m_clock;
    Log &m_log;
    Cluster m_cluster;
    SharedGuards m_guards;
    RedisHistory m_history;
    PublishScript m_publish;
    RedisNotificationStore m_notifications;
    std::unique_ptr<ClusterDelivery> m_delivery;
    std::unique_ptr<NodeRequests> m_requests;
};

} // namespace gatehouse
