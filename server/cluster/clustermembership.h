// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/adminapi.h"
#include "server/admin/livefeed.h"
#include "server/base/nodeidentity.h"
#include "server/cluster/clusterlinks.h"
#include "server/cluster/delivery/clusterdelivery.h"
#include "server/cluster/delivery/publishingest.h"
#include "server/cluster/delivery/redisnotificationstore.h"
#include "server/cluster/monitoring/clustermonitoring.h"
#include "server/guard/decisionlog.h"
#include "server/notify/publisher.h"

namespace gatehouse {

/// A node that takes part: from its construction on it is connected to Redis, publishes what backends append, answers
/// the admin APIs of the others, and tells their consoles who is refused here. Its end says good-bye, for kFarewellTime
/// at most, disconnects, and ends what lives on the cluster's threads. ClusterNode::join() makes it. Lives on the main
/// thread.
class ClusterMembership final
{
public:
    static constexpr std::chrono::milliseconds kFarewellTime{ 500 };

    /// The parts of the node that it needs.
    struct Node
    {
        const NodeIdentity &identity;
        ClusterLinks &links;
        ClusterLimits &limits;
        PublishScript &publish;
        RedisNotificationStore &notifications;
        const Clock &clock;
        Log &log;
    };
    /// The parts of the server that it works for.
    struct Server
    {
        Publisher &publisher;
        AdminApi &api;
        DecisionLog &decisions;
        LiveFeed &feed;
    };
    /// All outlive it.
    ClusterMembership(const Node &node, ClusterDelivery &delivery, ClusterMonitoring &monitoring, const Server &server);
    ~ClusterMembership();
    Q_DISABLE_COPY_MOVE(ClusterMembership)

    [[nodiscard]] ClusterStats stats() const;

private:
    void speakFor(const Server &server);
    void sayGoodbye();

    const QString m_name;
    ClusterLinks &m_links;
    ClusterLimits &m_limits;
    RedisNotificationStore &m_notifications;
    ClusterDelivery &m_delivery;
    ClusterMonitoring &m_monitoring;
    const PublishIngest &m_ingest; ///< on the data thread
};

} // namespace gatehouse
