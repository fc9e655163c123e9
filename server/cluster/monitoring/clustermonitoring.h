// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cluster/monitoring/nodeexchange.h"
#include "server/cluster/monitoring/noderegistry.h"

namespace gatehouse {

/// Monitoring of all nodes: what this one tells the others once a second, and what it makes of what they tell. Lives on
/// the main thread; its exchange lives on the data thread and must have ended before this is destroyed.
class ClusterMonitoring final : public QObject
{
    Q_OBJECT
public:
    static constexpr int kTicksPerSave = 10;

    /// All outlive it. `self` makes this node's report of now.
    ClusterMonitoring(const Clock &clock, const History &ownHistory, std::function<NodeReport()> self);

    /// For the NodeExchange, which is set before anything else is called.
    [[nodiscard]] NodeExchangeHandlers handlers();
    void setExchange(NodeExchange &exchange) { m_exchange = &exchange; }

    /// Once a second, when this node's frame is complete.
    void tick();
    /// Blocks of this node's history that have changed.
    void keepHistory(const std::vector<History::Block> &blocks) { m_exchange->keepHistory(false, blocks); }
    /// Forgets a node that is gone. `done` comes on the main thread.
    void forget(const QString &node, std::function<void(const Status &)> done);
    /// Tells the others that this node ends. `done` comes on another thread.
    void leave(std::function<void()> done) { m_exchange->leave(m_self(), std::move(done)); }

    [[nodiscard]] NodeRegistry &registry() { return m_registry; }
    /// Nodes that are lost, for the one node that raises the alert; none for the others.
    [[nodiscard]] QStringList lostToAnnounce() const;

private:
    void readHistory(const QString &node, const HistoryQuery &query, HistoryDone done);

    const Clock &m_clock;
    std::function<NodeReport()> m_self;
    History m_total;
    NodeRegistry m_registry;
    NodeExchange *m_exchange = nullptr;
    int m_ticks = 0;
};

} // namespace gatehouse
