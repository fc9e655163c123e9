// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include "shared/metrics/metricdescriptor.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// What the guide's metrics endpoint answers: the counts since midnight and the state now.
struct DailyTotals
{
    qint64 activeConnections = 0;
    qint64 connectionsToday = 0;
    qint64 messagesSent = 0;
    qint64 messagesReceived = 0;
    double averageDurationSeconds = 0.0; ///< of the connections closed since midnight; two decimals
    qint64 messagesPerMinute = 0;        ///< both directions, the last 60 s

    /// The endpoint's seven keys, in its order of meaning.
    [[nodiscard]] QJsonObject toJson(UtcTime now) const;
    [[nodiscard]] static DailyTotals fromJson(const QJsonObject &object);
};

/// One second of every metric. A plain value.
struct MetricsFrame
{
    UtcTime time{}; ///< the end of the second
    std::array<double, kMetricCount> values{};

    [[nodiscard]] double operator[](Metric metric) const { return values[size_t(metric)]; }
    double &operator[](Metric metric) { return values[size_t(metric)]; }

    /// {"t": "2025-11-10T12:00:00.000Z", "values": [ … in the order of metricDescriptors() ]}
    [[nodiscard]] QJsonObject toJson() const;
    /// Reads values by the names of the `metadata` message, so that both sides may be of different versions: `order[i]`
    /// is the metric of values[i], nullopt for one that this side does not know.
    [[nodiscard]] static std::optional<MetricsFrame> fromJson(
        const QJsonObject &object, const std::vector<std::optional<Metric>> &order);
};

/// The `metadata` message's array: name, title, unit and kind of each metric in the order of the values.
[[nodiscard]] QJsonArray metricsMetadata();
/// The order for MetricsFrame::fromJson.
[[nodiscard]] std::vector<std::optional<Metric>> metricsOrder(const QJsonArray &metadata);

} // namespace gatehouse
