// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/history.h"
#include "server/metrics/monitoringview.h"

namespace gatehouse {

/// The view of a server that is alone: its own numbers, by its own name too. Main thread.
class LocalMonitoring final : public MonitoringView
{
public:
    /// All outlive it. `self` says what nodes() answers of this server; its numbers are filled in.
    LocalMonitoring(const Aggregator &aggregator, const History &history, NodeInfo self);

    [[nodiscard]] std::optional<MonitoringState> state(const QString &node) const override;
    void history(const QString &node, const HistoryQuery &query, HistoryDone done) override;
    [[nodiscard]] bool hasNode(const QString &node) const override { return node.isEmpty() || node == m_self.name; }
    [[nodiscard]] NodesReply nodes() const override;

private:
    const Aggregator &m_aggregator;
    const History &m_history;
    NodeInfo m_self;
};

} // namespace gatehouse
