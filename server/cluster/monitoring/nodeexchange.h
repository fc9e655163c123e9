// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/cluster/monitoring/nodereport.h"
#include "server/metrics/history.h"
#include "server/redis/redislink.h"
#include "shared/protocol/nodesreply.h"

namespace gatehouse {

/// A block of a history with the metrics that are in it, by position.
struct LaidOutBlock
{
    History::Block block;
    std::vector<std::optional<Metric>> order;
};

/// What a NodeExchange has learnt. Called on the exchange's thread: post onward.
struct NodeExchangeHandlers
{
    std::function<void(const NodeReport &)> reported;
    std::function<void(const std::vector<NodeReport> &)> kept; ///< the last report of every node that is remembered
    std::function<void(const std::vector<LaidOutBlock> &)> totalRead; ///< blocks of the history of all nodes together
    std::function<void(const RedisState &)> redisChanged;
};

/// Tells the other nodes of this one, and hears of them: reports by pub/sub once a second, the last of each kept in a
/// hash, the history in blocks. Lives on the data thread; the functions that say so may be called from any.
class NodeExchange final : public QObject
{
    Q_OBJECT
public:
    static constexpr qsizetype kMaxUnsentBlocks = 5000; ///< hours without Redis; then the oldest are left out

    /// `subscriber` is this object's own, and is told what to subscribe to here. All outlive it.
    NodeExchange(RedisLink &calls, RedisLink &subscriber, NodeIdentity self, const Clock &clock, Log &log,
        NodeExchangeHandlers handlers);

    /// Any thread.
    void report(const NodeReport &report);
    /// Keeps blocks of this node's history, or of that of all together, for the others, once Redis is there. Any
    /// thread.
    void keepHistory(bool isOfAll, const std::vector<History::Block> &blocks);
    /// Reads what a node has kept of the blocks [first, last] of one resolution. `done` is called on the exchange's
    /// thread. Any thread.
    void readHistory(const QString &node, qint64 step, qint64 first, qint64 last,
        std::function<void(const Result<std::vector<LaidOutBlock>> &)> done);
    /// Forgets a node that is gone. `done` is called on the exchange's thread. Any thread.
    void forget(const QString &node, std::function<void(const Status &)> done);
    /// The last report, that this node ends. `done` is called when Redis has it, or cannot be told. Any thread.
    void leave(NodeReport report, std::function<void()> done);

private:
    struct HistoryReading;
    void received(const QByteArray &payload);
    void connected(const RedisServer &server);
    void keepReport(std::function<void()> done);
    void readKept();
    void sendHistory();
    void readTotal(qint64 step, const QByteArray &cursor);
    void readPart(const std::shared_ptr<HistoryReading> &reading);
    void dropOldHistory();

    RedisLink &m_calls;
    NodeIdentity m_self;
    const Clock &m_clock;
    Log &m_log;
    NodeExchangeHandlers m_handlers;
    QByteArray m_lastReport;                                      ///< JSON
    std::map<std::pair<QByteArray, qint64>, QByteArray> m_unsent; ///< by key and block
    bool m_isSending = false;
    bool m_isKept = false; ///< a report, since Redis is up
    bool m_saidNameIsTaken = false;
    QTimer m_keeping;
    QTimer m_cleaning;
};

} // namespace gatehouse
