// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "server/metrics/aggregator.h"
#include "shared/protocol/historyreply.h"
#include "shared/protocol/nodesreply.h"

namespace gatehouse {

/// What monitoring says of one moment.
struct MonitoringState
{
    DailyTotals totals;
    MetricsFrame frame; ///< of the last second
    LastMinute minute;
    qint64 peakConnections = 0; ///< since midnight
    qint64 addressesNearLimit = 0;
};

struct HistoryQuery
{
    std::vector<Metric> metrics;
    UtcTime from{};
    UtcTime to{};   ///< after `from`
    int points = 1; ///< 1 to History::kMaxPoints
};

using HistoryDone = std::function<void(const Result<HistoryReply> &)>;

/// What monitoring shows: of one node by its name, or of all nodes together for an empty name. Main thread.
class MonitoringView
{
public:
    virtual ~MonitoringView() = default;
    /// nullopt for a node that there is not.
    [[nodiscard]] virtual std::optional<MonitoringState> state(const QString &node) const = 0;
    /// `done` is called on the main thread, maybe at once; an error is one of reading what another node has kept.
    virtual void history(const QString &node, const HistoryQuery &query, HistoryDone done) = 0;
    [[nodiscard]] virtual bool hasNode(const QString &node) const = 0; ///< also true for an empty name
    [[nodiscard]] virtual NodesReply nodes() const = 0;
};

} // namespace gatehouse
