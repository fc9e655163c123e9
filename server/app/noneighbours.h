// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/neighbours.h"
#include "server/guard/nopeers.h"
#include "server/metrics/localmonitoring.h"

namespace gatehouse {

/// A server alone: it does by itself what nodes do together, and there is nobody to tell of it.
class NoNeighbours final : public Neighbours
{
public:
    NoNeighbours(const NodeIdentity &self, QObject &anchor, const Clock &clock);

    [[nodiscard]] const Clock &clock() const override { return m_clock; }
    [[nodiscard]] bool isTimeKnown() const override { return true; }
    [[nodiscard]] std::chrono::milliseconds clockError() const override { return {}; }
    [[nodiscard]] std::unique_ptr<ControlLog> controlLog(StoreThread &store) override;
    [[nodiscard]] NotificationStore &notifications(NotificationStore &own) override { return own; }
    void addTo(ChannelEnvironment &channel) override;
    [[nodiscard]] MessageBus &bus(ChannelControl &workers) override { return workers; }
    [[nodiscard]] MonitoringView &monitoring(
        const Aggregator &aggregator, const History &history, MetricsArchive &archive) override;
    void addTo(AdminDependencies &) override { }
    void join(const ClusterMembership::Server &) override { }
    [[nodiscard]] bool isJoining() const override { return false; }
    void whenJoined(std::function<void()> joined) override { joined(); }
    void leave() override { }
    void tick() override { }
    [[nodiscard]] qint64 lost() const override { return 0; }
    void announceRead(const QString &, const QByteArray &) const override { }
    void grant(const AddressCounts &, std::function<void()>) override { }

private:
    NodeInfo m_self;
    QObject &m_anchor;
    const Clock &m_clock;
    NoPeers m_peers;
    NoPeerTickets m_tickets;
    std::unique_ptr<LocalMonitoring> m_monitoring;
};

} // namespace gatehouse
