// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <QtCore/QLatin1StringView>
#include <QtCore/QString>

#include "server/bench/eventloop.h"
#include "server/bench/latencies.h"
#include "server/bench/processusage.h"

namespace gatehouse::bench {

/// Everything that a round of a bench may have measured. Titles, units and JSON names are in measureDescriptors().
enum class Measure : quint8
{
    CpuPerOperation,
    CpuPercent,
    PerSecond,
    Operations,
    Seconds,
    CpuUser,
    CpuSystem,
    LoadPerOperation,
    LatencyP50,
    LatencyP99,
    LatencyMax,
    AcceptedP50,
    AcceptedP99,
    BaselineP50,
    BaselineP99,
    Connections,
    Sent,
    Received,
    Publishes,
    Expected,
    Missed,
    Answered,
    Admitted,
    Closed,
    Lost,
    Heartbeats,
    Stopped,
    Cut,
    CutAfter,
    RssBefore,
    RssDuring,
    RssAfter,
    RssPerConnection,
};
inline constexpr size_t kMeasureCount = size_t(Measure::RssPerConnection) + 1;

struct MeasureDescriptor
{
    Measure measure;
    QLatin1StringView name;  ///< in JSON
    QLatin1StringView title; ///< in the table; %1 is what the mode counts, as in "delivery", %2 its plural
    int decimals;
};
[[nodiscard]] const std::array<MeasureDescriptor, kMeasureCount> &measureDescriptors();

/// What one round measured; what a mode does not measure is absent. A plain value.
class Round final
{
public:
    void set(Measure measure, double value) { m_values[size_t(measure)] = value; }
    void set(Measure measure, std::optional<qint64> value);
    /// P50, P99 in milliseconds; nothing for none.
    void setLatencies(const Latencies &latencies, Measure p50, Measure p99);
    [[nodiscard]] std::optional<double> value(Measure measure) const { return m_values[size_t(measure)]; }

private:
    std::array<std::optional<double>, kMeasureCount> m_values{};
};

/// The middle value of all rounds that have one; of an even number the mean of the two in the middle.
[[nodiscard]] std::optional<double> median(const std::vector<Round> &rounds, Measure measure);
[[nodiscard]] std::optional<double> lowest(const std::vector<Round> &rounds, Measure measure);
[[nodiscard]] std::optional<double> highest(const std::vector<Round> &rounds, Measure measure);

/// Takes time and CPU from its construction to finish(), of the server's processes and of this one.
class Meter final
{
public:
    explicit Meter(const ProcessUsage &usage);
    [[nodiscard]] std::chrono::nanoseconds elapsed() const { return EventLoop::now() - m_start; }
    /// Enters what `operations` operations took.
    void finish(Round &round, qint64 operations) const;

private:
    const ProcessUsage &m_usage;
    std::optional<CpuTime> m_server;
    CpuTime m_own;
    SteadyTime m_start;
};

} // namespace gatehouse::bench
