// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>

#include "server/cluster/monitoring/nodereport.h"
#include "server/metrics/history.h"
#include "server/metrics/monitoringview.h"

namespace gatehouse {

/// The nodes of the cluster as this one knows them: what each reported last. This node's own numbers are asked for when
/// they are needed; those of others are as old as their last report. Of histories it has this node's and that of all
/// together; those of other nodes are read when somebody asks, so that memory does not grow with the number of nodes.
/// Pure: reports come from outside. Main thread.
class NodeRegistry final : public MonitoringView
{
public:
    static constexpr std::chrono::seconds kLostAfter{ 5 }; ///< reports come once a second
    static constexpr std::chrono::hours kForgottenAfter{ 24 * 30 };
    static constexpr size_t kMaxNodes
        = 256; ///< more are not taken in: what a stranger writes into Redis must not fill the memory

    /// Reads another node's history from Redis; `done` comes on the main thread.
    using ReadHistory = std::function<void(const QString &node, const HistoryQuery &, HistoryDone done)>;

    /// All outlive it. `self` makes this node's report of now; `total` is the history of all together, which tick()
    /// adds to.
    NodeRegistry(const Clock &clock, const History &ownHistory, History &total, std::function<NodeReport()> self,
        ReadHistory readHistory);
    ~NodeRegistry() override;

    /// To be called once a second: adds to the history of all together, and remembers the most connections there were.
    void tick();
    /// A report has come. One of this node itself, or of an earlier run of a node than is known, is ignored.
    void take(const NodeReport &report);
    /// The reports that are kept in Redis, of nodes that may be gone for long. Those of whom none is kept, and who are
    /// not up, have been forgotten.
    void takeKept(const std::vector<NodeReport> &reports);
    void forget(const QString &name);
    /// How this node stands to Redis: while it is cut off nobody is lost, but unknown.
    void setRedis(const RedisState &state);
    [[nodiscard]] const RedisState &redis() const { return m_redis; }

    /// Nodes that are lost.
    [[nodiscard]] QStringList lost() const;
    /// Whether this is the node that speaks for all that are up, of which exactly one does: the first by name.
    [[nodiscard]] bool isSpeaker() const;
    /// The most connections of all together since midnight.
    [[nodiscard]] qint64 clusterPeak() const { return m_peak; }

    [[nodiscard]] std::optional<MonitoringState> state(const QString &node) const override;
    void history(const QString &node, const HistoryQuery &query, HistoryDone done) override;
    [[nodiscard]] bool hasNode(const QString &node) const override;
    [[nodiscard]] NodesReply nodes() const override;

private:
    struct Member
    {
        NodeReport last;
        MonoTime heardAt{}; ///< when the last report was made, as far as is known
    };

    [[nodiscard]] NodeState stateOf(const Member &member) const;
    void store(const NodeReport &report, MonoTime heardAt);
    [[nodiscard]] std::vector<std::pair<NodeReport, NodeState>> reports() const;

    const Clock &m_clock;
    const History &m_ownHistory;
    History &m_total;
    std::function<NodeReport()> m_self;
    ReadHistory m_readHistory;
    QString m_ownName;
    RedisState m_redis;
    std::map<QString, Member> m_members; ///< the others, by name
    qint64 m_peak = 0;                   ///< since m_peakDay
    UtcTime m_peakDay{};
};

} // namespace gatehouse
