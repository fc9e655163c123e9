// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "console/models/timerange.h"
#include "shared/metrics/metricsframe.h"
#include "shared/protocol/historyreply.h"

namespace gatehouse {

/// The last day of every metric at one second, from the live stream and from history. Memory is bounded and allocated
/// as it fills: 5.5 MB in all. Not a QObject; one per server.
class SeriesBuffer final
{
public:
    static constexpr qint64 kCapacitySeconds = 24 * 60 * 60;

    SeriesBuffer();

    /// Adds a live frame. Seconds without a frame stay gaps; a frame older than the buffer reaches is ignored.
    void append(const MetricsFrame &frame);
    /// Fills seconds that have no value yet from the server's history, and never overwrites what was seen live. Of a
    /// bucket longer than a second the minimum, the maximum and the sum are kept; where in it the seconds were that the
    /// server recorded is a guess.
    void fill(const HistoryReply &history);
    void clear();

    [[nodiscard]] bool isEmpty() const { return m_newestSecond < 0; }
    /// The end of the newest second that has a value.
    [[nodiscard]] std::optional<UtcTime> newest() const;
    [[nodiscard]] std::optional<UtcTime> oldest() const;
    /// Of what is known.
    [[nodiscard]] double sum(Metric metric, const TimeInterval &interval) const;
    /// Some metrics over an interval in at most `maxBuckets` buckets, in the form of the server's history. Buckets
    /// begin at multiples of their length, so that a moving window does not shimmer.
    [[nodiscard]] HistoryReply window(
        const std::vector<Metric> &metrics, const TimeInterval &interval, int maxBuckets) const;

private:
    using Column = std::vector<float>; ///< by second modulo capacity; NaN where there is no value

    /// What the server says of one metric over some seconds.
    struct Bucket
    {
        qint64 first;
        qint64 last;
        qint64 seconds; ///< that it recorded
        double minimum;
        double maximum;
        double mean;
        bool isFilledFromItsEnd; ///< as the recording went on after it
    };

    /// Makes room for a second; false if it is older than the buffer reaches.
    bool makeRoom(qint64 second);
    void fillBucket(Metric metric, const Bucket &bucket);
    /// Answers how many seconds there are in it.
    qint64 addBucket(HistorySeries &series, qint64 first, qint64 end) const;

    std::array<Column, kMetricCount> m_columns; ///< one scan reads one metric: memory that lies together
    qint64 m_newestSecond = -1;                 ///< since 1970: the start of the second; -1 while empty
    qint64 m_oldestSecond = -1;
    UtcTime m_newestFrame{};
};

} // namespace gatehouse
