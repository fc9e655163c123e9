// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/serieswindow.h"

#include <algorithm>
#include <cmath>

#include "shared/util/isotime.h"

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

struct Extremes
{
    double lowest = HistoryReply::kGap;
    double highest = HistoryReply::kGap;
    [[nodiscard]] bool isEmpty() const { return std::isnan(lowest); }
};

Extremes extremesOf(const HistorySeries &series, qsizetype begin, qsizetype end)
{
    Extremes extremes;
    for (qsizetype i = begin; i < end; ++i) {
        const double low = series.minimum[size_t(i)];
        if (std::isnan(low))
            continue;
        const double high = series.maximum[size_t(i)];
        extremes.lowest = extremes.isEmpty() ? low : std::min(extremes.lowest, low);
        extremes.highest = std::isnan(extremes.highest) ? high : std::max(extremes.highest, high);
    }
    return extremes;
}

/// How far the first group reaches: groups begin at multiples of their length since the epoch.
qsizetype firstGroupEnd(const HistoryReply &history, qsizetype groupSize)
{
    const qint64 index = toEpochMillis(history.from) / history.step.count();
    return groupSize - qsizetype(index % groupSize);
}

/// Appends the group's one or two points, first the one that is nearer to where the line is.
void appendGroup(QList<QPointF> &points, double from, double length, const Extremes &extremes)
{
    if (extremes.lowest == extremes.highest) {
        points.append({ from + length / 2, extremes.lowest });
        return;
    }
    const double last = points.isEmpty() ? extremes.lowest : points.constLast().y();
    const bool isRising = std::abs(last - extremes.lowest) <= std::abs(last - extremes.highest);
    points.append({ from + length / 4, isRising ? extremes.lowest : extremes.highest });
    points.append({ from + length * 3 / 4, isRising ? extremes.highest : extremes.lowest });
}

} // namespace

const HistorySeries *findSeries(const HistoryReply &history, Metric metric)
{
    const auto found = std::find_if(history.series.begin(), history.series.end(),
        [metric](const HistorySeries &series) { return series.metric == metric; });
    return found == history.series.end() ? nullptr : &*found;
}

QList<QPointF> linePoints(const HistoryReply &history, Metric metric, int maxGroups)
{
    QList<QPointF> points;
    const HistorySeries *series = findSeries(history, metric);
    if (!series || history.bucketCount == 0)
        return points;
    const qsizetype groupSize = std::max<qsizetype>(1, (history.bucketCount + maxGroups - 1) / std::max(maxGroups, 1));
    points.reserve(2 * (history.bucketCount / groupSize + 2));
    const double step = double(history.step.count());
    const double origin = double(toEpochMillis(history.from));
    bool isAfterGap = false;
    qsizetype end = std::min(firstGroupEnd(history, groupSize), history.bucketCount);
    for (qsizetype begin = 0; begin < history.bucketCount;
         begin = end, end = std::min(end + groupSize, history.bucketCount)) {
        const Extremes extremes = extremesOf(*series, begin, end);
        const double from = origin + step * double(begin);
        if (extremes.isEmpty()) {
            if (!isAfterGap && !points.isEmpty())
                points.append({ from, points.constLast().y() });
            isAfterGap = true;
            continue;
        }
        if (isAfterGap && !points.isEmpty())
            points.append({ from, extremes.lowest });
        isAfterGap = false;
        appendGroup(points, from, step * double(end - begin), extremes);
    }
    return points;
}

std::vector<TimeSpan> gapsOf(
    const HistoryReply &history, Metric metric, UtcTime until, std::chrono::milliseconds shortest)
{
    std::vector<TimeSpan> gaps;
    const HistorySeries *series = findSeries(history, metric);
    if (!series)
        return gaps;
    std::optional<UtcTime> begin;
    bool hasSample = false;
    const auto close = [&](UtcTime end) {
        if (begin && end - *begin >= shortest)
            gaps.push_back({ *begin, end });
        begin.reset();
    };
    for (qsizetype i = 0; i < history.bucketCount; ++i) {
        const UtcTime from = history.from + history.step * i;
        if (!std::isnan(series->minimum[size_t(i)])) {
            close(from);
            hasSample = true;
        } else if (hasSample && !begin) {
            begin = from;
        }
    }
    if (hasSample && !begin)
        begin = history.from + history.step * history.bucketCount;
    if (hasSample)
        close(until);
    return gaps;
}

std::vector<BarBucket> barBuckets(
    const HistoryReply &history, const std::vector<Metric> &metrics, std::chrono::milliseconds width)
{
    std::vector<BarBucket> bars;
    if (history.bucketCount == 0 || history.step <= 0ms)
        return bars;
    const qsizetype groupSize
        = std::max<qsizetype>(1, (width.count() + history.step.count() - 1) / history.step.count());
    std::vector<const HistorySeries *> series;
    for (const Metric metric : metrics)
        series.push_back(findSeries(history, metric));
    qsizetype end = std::min(firstGroupEnd(history, groupSize), history.bucketCount);
    for (qsizetype begin = 0; begin < history.bucketCount;
         begin = end, end = std::min(end + groupSize, history.bucketCount)) {
        // The bar's own beginning, even where the history begins inside it: its place must not move.
        const qint64 index = toEpochMillis(history.from) / history.step.count() + begin;
        BarBucket bar{ UtcTime(history.step * (index / groupSize * groupSize)), {} };
        for (const HistorySeries *one : series) {
            double sum = HistoryReply::kGap;
            for (qsizetype i = begin; one && i < end; ++i) {
                const double ofBucket = history.sum(*one, i);
                if (!std::isnan(ofBucket))
                    sum = (std::isnan(sum) ? 0 : sum) + ofBucket;
            }
            bar.sums.push_back(sum);
        }
        bars.push_back(std::move(bar));
    }
    return bars;
}

std::chrono::milliseconds barWidth(std::chrono::milliseconds range, int count)
{
    constexpr std::chrono::milliseconds kWidths[]
        = { 1s, 2s, 5s, 10s, 15s, 30s, 1min, 2min, 5min, 10min, 15min, 30min, 1h, 2h, 3h, 6h, 12h, 24h };
    for (const std::chrono::milliseconds width : kWidths) {
        if (range / width <= count)
            return width;
    }
    return kWidths[std::size(kWidths) - 1];
}

double valueAt(const HistoryReply &history, Metric metric, UtcTime time)
{
    const HistorySeries *series = findSeries(history, metric);
    if (!series || time < history.from || history.step <= 0ms)
        return HistoryReply::kGap;
    const qint64 index = (time - history.from) / history.step;
    return index < history.bucketCount ? series->mean[size_t(index)] : HistoryReply::kGap;
}

std::optional<UtcTime> firstSample(const HistoryReply &history, Metric metric)
{
    const HistorySeries *series = findSeries(history, metric);
    if (!series)
        return std::nullopt;
    const auto found
        = std::find_if(series->mean.begin(), series->mean.end(), [](double value) { return !std::isnan(value); });
    return found == series->mean.end() ? std::nullopt
                                       : std::optional(history.from + history.step * (found - series->mean.begin()));
}

double lastValue(const HistoryReply &history, Metric metric)
{
    const HistorySeries *series = findSeries(history, metric);
    if (!series)
        return HistoryReply::kGap;
    const auto found
        = std::find_if(series->mean.rbegin(), series->mean.rend(), [](double value) { return !std::isnan(value); });
    return found == series->mean.rend() ? HistoryReply::kGap : *found;
}

double largestY(const QList<QPointF> &points)
{
    double largest = 0;
    for (const QPointF &point : points)
        largest = std::max(largest, point.y());
    return largest;
}

} // namespace gatehouse
