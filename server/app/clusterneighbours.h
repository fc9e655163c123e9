// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/neighbours.h"
#include "server/cluster/clusternode.h"
#include "server/control/controlreplica.h"

namespace gatehouse {

/// The other nodes of a cluster, by the ClusterNode that this server is.
class ClusterNeighbours final : public Neighbours
{
public:
    /// `inboxesBrought` is called when the cluster has what the state file had.
    ClusterNeighbours(const RedisUrl &url, const AdmissionTerms &terms, const NodeIdentity &self, QObject &anchor,
        const Clock &clock, Log &log, std::function<void()> inboxesBrought);

    /// A server whose Redis stays away goes by its own clock after this.
    static constexpr std::chrono::minutes kLongestDoubt{ 1 };
    /// One that has not joined after this serves as one that cannot, and goes on trying.
    static constexpr std::chrono::seconds kLongestJoin{ 5 };

    [[nodiscard]] const Clock &clock() const override { return m_node.clock(); }
    [[nodiscard]] bool isTimeKnown() const override;
    [[nodiscard]] std::chrono::milliseconds clockError() const override;
    [[nodiscard]] std::unique_ptr<ControlLog> controlLog(StoreThread &store) override;
    [[nodiscard]] NotificationStore &notifications(SqliteNotificationStore &) override
    {
        return m_node.notifications();
    }
    void addTo(ChannelEnvironment &channel) override;
    [[nodiscard]] MessageBus &bus(ChannelControl &workers) override;
    [[nodiscard]] MonitoringView &monitoring(
        const Aggregator &aggregator, const History &history, MetricsArchive &archive) override;
    void addTo(AdminDependencies &admin) override;
    void join(const ClusterMembership::Server &server) override;
    [[nodiscard]] bool isJoining() const override { return m_isJoining; }
    void whenJoined(std::function<void()> joined) override;
    void leave() override;
    void tick() override { m_monitoring->tick(); }
    [[nodiscard]] qint64 lost() const override { return m_monitoring->lostToAnnounce().size(); }
    void announceRead(const QString &user, const QByteArray &message) const override;
    void grant(const ClientCounts &counts, std::function<void()> done) override;

private:
    void lookWhetherJoined();
    void endJoining();

    const NodeIdentity m_self;
    QObject &m_anchor;
    const Clock &m_clock;
    Log &m_log;
    const MonoTime m_madeAt;
    ClusterNode m_node;
    const std::function<void()> m_inboxesBrought;
    StoreThread *m_store = nullptr;
    ChannelControl *m_workers = nullptr;
    QPointer<ControlReplica> m_replica; ///< the control plane's
    std::unique_ptr<ClusterDelivery> m_delivery;
    std::unique_ptr<ClusterMonitoring> m_monitoring;
    std::unique_ptr<InboxMove> m_inboxes;
    std::unique_ptr<ClusterMembership> m_membership;
    bool m_isJoining = true;
    std::vector<std::function<void()>> m_whenJoined;
    QObject m_context; ///< what is told of joining; gone first
};

} // namespace gatehouse
