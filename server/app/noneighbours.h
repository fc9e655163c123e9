// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/neighbours.h"
#include "server/cluster/inboxreturn.h"
#include "server/cluster/soloingest.h"
#include "server/guard/nopeers.h"
#include "server/metrics/localmonitoring.h"

namespace gatehouse {

/// A server alone: it does by itself what nodes do together, and there is nobody to tell of it.
class NoNeighbours final : public Neighbours
{
public:
    /// `ingest`: where backends append what is to be published; nullopt: nowhere. In `stateDir` it is remembered which
    /// cluster this server was a node of.
    NoNeighbours(const QString &stateDir, std::optional<RedisUrl> ingest, NodeIdentity self, QObject &anchor,
        const Clock &clock, Log &log);

    [[nodiscard]] const Clock &clock() const override { return m_clock; }
    [[nodiscard]] bool isTimeKnown() const override { return true; }
    [[nodiscard]] std::chrono::milliseconds clockError() const override { return {}; }
    [[nodiscard]] std::unique_ptr<ControlLog> controlLog(StoreThread &store) override;
    [[nodiscard]] NotificationStore &notifications(SqliteNotificationStore &own) override
    {
        m_own = &own;
        return own;
    }
    void addTo(ChannelEnvironment &channel) override;
    [[nodiscard]] MessageBus &bus(ChannelControl &workers) override
    {
        m_workers = &workers;
        return workers;
    }
    [[nodiscard]] MonitoringView &monitoring(
        const Aggregator &aggregator, const History &history, MetricsArchive &archive) override;
    void addTo(AdminDependencies &admin) override;
    void join(const ClusterMembership::Server &server) override;
    [[nodiscard]] bool isJoining() const override { return false; }
    void whenJoined(std::function<void()> joined) override { joined(); }
    void leave() override;
    void tick() override { }
    [[nodiscard]] qint64 lost() const override { return 0; }
    void announceRead(const QString &, const QByteArray &) const override { }
    void grant(const ClientCounts &, std::function<void()>) override { }

private:
    [[nodiscard]] NodeInfo info() const;
    void inboxesReturned(const InboxReturn::Ended &ended);

    const QString m_stateDir;
    const std::optional<RedisUrl> m_ingestUrl;
    const NodeIdentity m_self;
    QObject &m_anchor;
    const Clock &m_clock;
    Log &m_log;
    NoPeers m_peers;
    NoPeerTickets m_tickets;
    std::unique_ptr<LocalMonitoring> m_monitoring;
    SqliteNotificationStore *m_own = nullptr;
    ChannelControl *m_workers = nullptr;
    std::unique_ptr<SoloIngest> m_ingest;  ///< null: nobody appends anything
    std::unique_ptr<InboxReturn> m_return; ///< null: nothing is in a cluster, or everything has come back
    QObject m_context;                     ///< what ends it later; gone first
};

} // namespace gatehouse
