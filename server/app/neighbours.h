// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/adminapi.h"
#include "server/app/controlplane.h"
#include "server/channel/channelshard.h"
#include "server/cluster/clusternode.h"
#include "server/config/settings.h"
#include "server/metrics/localmonitoring.h"

namespace gatehouse {

/// The other nodes, if there are any: with REDIS_URL what ClusterNode has in common with them, without it what a server
/// does by itself. Whoever composes the server asks here, and nobody asks which of the two it is. Lives on the main
/// thread; outlives the workers.
class Neighbours final
{
public:
    /// `anchor` is an object of the main thread. It, `clock` and `log` outlive this.
    Neighbours(const Settings &settings, NodeIdentity self, QObject &anchor, const Clock &clock, Log &log);
    ~Neighbours();
    Q_DISABLE_COPY_MOVE(Neighbours)

    /// Where notifications are stored: `own`, or where all nodes have them.
    [[nodiscard]] NotificationStore &notifications(NotificationStore &own);
    /// Enters what is asked of others into the environment of the workers.
    void addTo(ChannelEnvironment &channel);
    /// What brings notifications to the connections of all, of which `workers` are this server's.
    [[nodiscard]] MessageBus &bus(ChannelControl &workers);
    /// The view of all, of which these are this server's. After bus().
    [[nodiscard]] MonitoringView &monitoring(
        const Aggregator &aggregator, const History &history, MetricsArchive &archive);
    /// Enters what is asked of others into what the admin API works with.
    void addTo(AdminDependencies &admin);

    /// Connects to the others: everything is made.
    void join(ControlPlane &control, const ClusterMembership::Server &server);
    /// Says good-bye. What is on the threads of the cluster ends.
    void leave() { m_membership.reset(); }

    /// Once a second, when this server's frame is complete.
    void tick();
    /// How many are lost, for the one that raises the alert.
    [[nodiscard]] qint64 lost() const;
    /// Tells a user's connections elsewhere what was read here. Any thread.
    void announceRead(const QString &user, const QByteArray &message) const;
    /// Lets these reconnect anywhere without using budget. `done` comes on the main thread, and only if all know it.
    void grant(const AddressCounts &counts, std::function<void()> done);

private:
    const NodeIdentity m_self;
    QObject &m_anchor;
    std::unique_ptr<ClusterNode> m_node; ///< null without REDIS_URL, and with it the next three
    std::unique_ptr<ClusterDelivery> m_delivery;
    std::unique_ptr<ClusterMonitoring> m_clusterMonitoring;
    std::unique_ptr<ClusterMembership> m_membership;
    std::unique_ptr<LocalMonitoring> m_localMonitoring; ///< null with REDIS_URL
};

} // namespace gatehouse
