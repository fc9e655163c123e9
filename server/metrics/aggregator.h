// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include <QtCore/QTimeZone>

#include "server/metrics/countersums.h"
#include "server/metrics/dayrecord.h"
#include "server/net/netcounts.h"
#include "shared/metrics/metricsframe.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Where the aggregator gets its numbers. A function that is not set counts as 0. All are called on the main thread.
struct MetricSources
{
    std::vector<const WorkerCounters *> workers;  ///< must outlive the aggregator
    std::function<qint64()> trackedAddresses{};   ///< now
    std::function<qint64()> published{};          ///< notifications since the start
    std::function<qint64()> storeFailures{};      ///< since the start
    std::function<qint64()> addressesNearLimit{}; ///< now: with 80 % or more of their open connections used
    std::function<qint64()> memoryBytes{};        ///< resident now
    std::function<NetCounts()> net{};
};

/// What happened in the last 60 seconds. A plain value.
struct LastMinute
{
    qint64 messages = 0;      ///< both directions
    qint64 refusals = 0;      ///< of every guard
    qint64 limitRefusals = 0; ///< of the limits alone: connections, reconnects, messages
    qint64 errors = 0;
    qint64 closedForDescriptors = 0; ///< connections, because descriptors ran short
};

/// Turns the workers' counters into one frame a second, the totals since local midnight and the sums of the last
/// minute. Lives on the main thread; owned by the composition root, which calls tick() once a second. Questions between
/// two ticks are answered from the counters of that very moment.
class Aggregator final
{
public:
    /// `restored` is the day that was saved last: it is gone on with if it is still today in `zone`.
    Aggregator(const Clock &clock, const QTimeZone &zone, MetricSources sources, const DayRecord &restored = {});
    Q_DISABLE_COPY_MOVE(Aggregator)

    /// Ends the second: makes a frame of what changed since the last tick, and begins a new day when it is midnight.
    const MetricsFrame &tick();

    /// The frame of the last tick.
    [[nodiscard]] const MetricsFrame &frame() const { return m_frame; }
    [[nodiscard]] DailyTotals totals() const;
    [[nodiscard]] LastMinute lastMinute() const;
    [[nodiscard]] qint64 peakConnections() const; ///< since midnight
    [[nodiscard]] qint64 addressesNearLimit() const;
    /// Today so far, for saving and for the summary.
    [[nodiscard]] DayRecord today() const;
    /// The day before today, once, right after midnight: so that its last second is saved too.
    [[nodiscard]] std::optional<DayRecord> takeFinishedDay();

    /// Sums since the start of the process, and the gauges, for the Prometheus text.
    [[nodiscard]] CounterSums sums() const;
    [[nodiscard]] qint64 trackedAddresses() const;
    [[nodiscard]] qint64 published() const;
    [[nodiscard]] qint64 storeFailures() const;
    [[nodiscard]] NetCounts net() const;

private:
    struct Reading ///< every source at one moment, by metric
    {
        std::array<qint64, kMetricCount> values{};
        qint64 closedMillis = 0;
        qint64 closedForDescriptors = 0;
    };
    struct Mark ///< a reading kept for the rolling minute
    {
        MonoTime at;
        Reading reading;
    };

    [[nodiscard]] Reading read() const;
    [[nodiscard]] static LastMinute difference(const Reading &now, const Reading &then);
    static void addTo(DayRecord &record, const Reading &now, const Reading &then);
    void rollDay(UtcTime now);

    const Clock &m_clock;
    QTimeZone m_zone;
    MetricSources m_sources;
    Reading m_last;            ///< at the last tick
    std::deque<Mark> m_minute; ///< at most kMinuteMarks, oldest first
    DayRecord m_today;         ///< up to the last tick
    std::optional<DayRecord> m_finished;
    MetricsFrame m_frame;
};

} // namespace gatehouse
