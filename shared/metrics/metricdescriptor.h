// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtCore/QString>

namespace gatehouse {

/// Every value that a MetricsFrame carries. The enumerators index metricDescriptors() and MetricsFrame::values.
enum class Metric : quint8
{
    ActiveConnections,
    Handshakes,
    Closes,
    MessagesIn,
    MessagesOut,
    RefusedConnections,
    RefusedReconnects,
    RefusedMessages,
    RefusedOrigin,
    RefusedToken,
    RefusedOther,
    Observed,
    Errors,
    Published,
    SendQueueBytes,
    TrackedAddresses,
    MemoryBytes,
};
inline constexpr size_t kMetricCount = 17;

enum class MetricKind : quint8
{
    Gauge, ///< the value at the end of the second
    Rate,  ///< how many happened in that second
};

/// One row of the table of metrics: history, live stream, charts and exports are derived from it.
struct MetricDescriptor
{
    Metric metric;
    QLatin1StringView name;  ///< as in the admin API
    QLatin1StringView title; ///< short English name; the console translates it by `name`
    QLatin1StringView unit;
    MetricKind kind;
};

[[nodiscard]] const std::array<MetricDescriptor, kMetricCount> &metricDescriptors();
[[nodiscard]] const MetricDescriptor &metricDescriptor(Metric metric);
/// Finds a row by its admin API name; nullptr if there is none.
[[nodiscard]] const MetricDescriptor *findMetric(QStringView name);

} // namespace gatehouse
