// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QJsonObject>

#include "server/base/nodeidentity.h"
#include "server/metrics/aggregator.h"

namespace gatehouse {

/// What a node tells the others of itself once a second. A plain value.
struct NodeReport
{
    static constexpr qsizetype kMaxBytes = 16 * 1024; ///< of its JSON text: a longer one is none

    NodeIdentity node;
    bool isAlone = false;   ///< it judges the limits alone
    QString aloneReason;    ///< empty if it is not
    bool isLeaving = false; ///< the last one: the node ends
    UtcTime at{};           ///< when it was made, by Redis' clock; an older version says it by its own
    std::optional<std::chrono::milliseconds> clockSkew{}; ///< of the node's clock to Redis': positive is ahead
    MetricsFrame frame;
    DayRecord today;
    LastMinute minute;
    qint64 activeConnections = 0;
    qint64 addressesNearLimit = 0;
    qint64 clusterPeak = 0; ///< the most connections of all nodes together that this one has seen since midnight

    [[nodiscard]] QByteArray toJson() const;
    /// Of a text from Redis: nullopt unless it has the shape of a report.
    [[nodiscard]] static std::optional<NodeReport> fromJson(const QByteArray &text);
};

} // namespace gatehouse
