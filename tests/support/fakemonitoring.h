// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/monitoringview.h"

namespace gatehouse {

/// A cluster with this node, one that is lost, and one that is up.
class FakeMonitoring final : public MonitoringView
{
public:
    [[nodiscard]] std::optional<MonitoringState> state(const QString &node) const override
    {
        if (!hasNode(node))
            return std::nullopt;
        MonitoringState state;
        state.totals.activeConnections = node.isEmpty() ? 8 : 5;
        return state;
    }
    void history(const QString &node, const HistoryQuery &query, HistoryDone done) override
    {
        if (node == QStringLiteral("gone")) {
            done(Error{ QStringLiteral("Redis is away"), {} });
            return;
        }
        HistoryReply reply;
        reply.from = query.from;
        reply.bucketCount = node.isEmpty() ? 8 : 5;
        reply.seconds.assign(size_t(reply.bucketCount), 1);
        done(reply);
    }
    [[nodiscard]] bool hasNode(const QString &node) const override
    {
        return node.isEmpty() || node == QStringLiteral("one") || node == QStringLiteral("two")
            || node == QStringLiteral("gone");
    }
    [[nodiscard]] NodesReply nodes() const override
    {
        NodeInfo one;
        one.name = QStringLiteral("one");
        one.run = QStringLiteral("run-one");
        one.isThis = true;
        NodeInfo two = one;
        two.name = QStringLiteral("two");
        two.run = QStringLiteral("run-two");
        two.state = stateOfTwo;
        two.isThis = false;
        NodeInfo gone = two;
        gone.name = QStringLiteral("gone");
        gone.state = NodeState::Lost;
        if (!isOneLost)
            return { { one, two }, RedisState{ true, QStringLiteral("127.0.0.1:6379"), {}, {} } };
        return { { gone, one, two }, RedisState{ true, QStringLiteral("127.0.0.1:6379"), {}, {} } };
    }

    NodeState stateOfTwo = NodeState::Up;
    bool isOneLost = true; ///< whether there is "gone"
};

} // namespace gatehouse
