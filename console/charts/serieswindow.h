// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QList>
#include <QtCore/QPointF>

#include "shared/metrics/metricdescriptor.h"
#include "shared/protocol/historyreply.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// A stretch of time without any sample.
struct TimeSpan
{
    UtcTime from{};
    UtcTime to{};
    friend bool operator==(const TimeSpan &, const TimeSpan &) = default;
};

/// The sums of some rates in one bar.
struct BarBucket
{
    UtcTime from{};
    std::vector<double> sums; ///< one per metric asked for; NaN where the bar has no sample at all
};

/// Finds a metric in a reply; nullptr if it is not there.
[[nodiscard]] const HistorySeries *findSeries(const HistoryReply &history, Metric metric);

/// The points of a line: x in milliseconds since the epoch. At most two points (smallest and largest value) per group
/// of buckets, at most `maxGroups` groups; groups begin at multiples of their length, so that a moving window does not
/// flicker. A gap is crossed by one straight stretch from its edge to its edge, for the chart to cover.
[[nodiscard]] QList<QPointF> linePoints(const HistoryReply &history, Metric metric, int maxGroups);
/// Where the metric has no sample, between its first and its last one and after it up to `until`; stretches shorter
/// than `shortest` are not told.
[[nodiscard]] std::vector<TimeSpan> gapsOf(
    const HistoryReply &history, Metric metric, UtcTime until, std::chrono::milliseconds shortest);
/// Rates summed up in bars of `width` (rounded up to a multiple of the history's step), which begin at multiples of it.
[[nodiscard]] std::vector<BarBucket> barBuckets(
    const HistoryReply &history, const std::vector<Metric> &metrics, std::chrono::milliseconds width);
/// A round length for about `count` bars in a range.
[[nodiscard]] std::chrono::milliseconds barWidth(std::chrono::milliseconds range, int count);
/// The mean of a metric in the bucket at a time; NaN if there is none.
[[nodiscard]] double valueAt(const HistoryReply &history, Metric metric, UtcTime time);
/// Where the first bucket begins that has a value.
[[nodiscard]] std::optional<UtcTime> firstSample(const HistoryReply &history, Metric metric);
/// The mean of the newest bucket that has one; NaN if none has.
[[nodiscard]] double lastValue(const HistoryReply &history, Metric metric);
/// The largest y of some points; 0 without any.
[[nodiscard]] double largestY(const QList<QPointF> &points);

} // namespace gatehouse
