// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/base/eventthread.h"
#include "server/cluster/admission/clusterlimits.h"
#include "server/cluster/monitoring/nodeexchange.h"
#include "server/cluster/monitoring/noderegistry.h"
#include "server/cluster/monitoring/noderequests.h"
#include "server/metrics/aggregator.h"
#include "server/metrics/metricsarchive.h"
#include "server/redis/redisclock.h"

namespace gatehouse {

/// Monitoring of all nodes: what this one tells the others once a second, what it makes of what they tell, and what it
/// asks them. Lives on the main thread; its exchange ends with the thread of its links, and is not asked after that.
class ClusterMonitoring final : public QObject
{
    Q_OBJECT
public:
    static constexpr int kTicksPerSave = 10;

    /// They live on `thread`, and have not connected yet.
    struct Links
    {
        EventThread &thread;
        RedisLink &data;
        RedisLink &reports;
    };
    /// What this node counts. Changed blocks of the history come from the archive.
    struct OwnMetrics
    {
        const Aggregator &aggregator;
        const History &history;
        MetricsArchive &archive;
    };
    /// Says whether this node judges with the others.
    using Admission = std::function<PeerAdmissionState()>;

    /// All outlive it, but for the links, which end with the thread.
    ClusterMonitoring(NodeIdentity node, const Links &links, const OwnMetrics &own, Admission admission,
        ClusterPubSub &pubSub, const RedisClock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(ClusterMonitoring)

    /// Once a second, when this node's frame is complete.
    void tick();
    /// Forgets a node that is gone. `done` comes on the main thread.
    void forget(const QString &node, std::function<void(const Status &)> done);
    /// Tells the others that this node ends. `done` comes on another thread.
    void leave(std::function<void()> done) { m_exchange.leave(report(), std::move(done)); }

    [[nodiscard]] NodeRegistry &registry() { return m_registry; }
    /// Asks the admin APIs of the others.
    [[nodiscard]] PeerNodes &peers() { return m_requests; }
    /// Nodes that are lost, for the one node that raises the alert; none for the others.
    [[nodiscard]] QStringList lostToAnnounce() const;

private:
    [[nodiscard]] NodeReport report() const;
    [[nodiscard]] NodeExchangeHandlers handlers();
    void readHistory(const QString &node, const HistoryQuery &query, HistoryDone done);

    const NodeIdentity m_node;
    const Aggregator &m_aggregator;
    Admission m_admission;
    const RedisClock &m_clock;
    History m_total;
    NodeRegistry m_registry;
    NodeRequests m_requests;
    NodeExchange &m_exchange; ///< on the thread of the links
    int m_ticks = 0;
};

} // namespace gatehouse
