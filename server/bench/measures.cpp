// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/measures.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

namespace {

std::vector<double> sortedValues(const std::vector<Round> &rounds, Measure measure)
{
    std::vector<double> values;
    for (const Round &round : rounds) {
        if (const std::optional<double> value = round.value(measure))
            values.push_back(*value);
    }
    std::sort(values.begin(), values.end());
    return values;
}

double milliseconds(std::chrono::nanoseconds duration)
{
    return double(duration.count()) / 1e6;
}

double seconds(std::chrono::microseconds duration)
{
    return double(duration.count()) / 1e6;
}

} // namespace

const std::array<MeasureDescriptor, kMeasureCount> &measureDescriptors()
{
    static constexpr std::array<MeasureDescriptor, kMeasureCount> kMeasures{ {
        { Measure::CpuPerOperation, "cpu_us_per_operation"_L1, "server CPU per %1, µs"_L1, 3 },
        { Measure::CpuPercent, "cpu_percent"_L1, "server CPU, % of a core"_L1, 1 },
        { Measure::PerSecond, "per_second"_L1, "%2 per second"_L1, 0 },
        { Measure::Operations, "operations"_L1, "%2"_L1, 0 },
        { Measure::Seconds, "seconds"_L1, "duration, s"_L1, 3 },
        { Measure::CpuUser, "cpu_user_seconds"_L1, "server CPU in user mode, s"_L1, 2 },
        { Measure::CpuSystem, "cpu_system_seconds"_L1, "server CPU in the kernel, s"_L1, 2 },
        { Measure::LoadPerOperation, "load_cpu_us_per_operation"_L1, "the bench's own CPU per %1, µs"_L1, 3 },
        { Measure::LatencyP50, "latency_p50_ms"_L1, "latency p50, ms"_L1, 3 },
        { Measure::LatencyP99, "latency_p99_ms"_L1, "latency p99, ms"_L1, 3 },
        { Measure::LatencyMax, "latency_max_ms"_L1, "latency, longest, ms"_L1, 3 },
        { Measure::AcceptedP50, "accepted_p50_ms"_L1, "publish to its answer p50, ms"_L1, 3 },
        { Measure::AcceptedP99, "accepted_p99_ms"_L1, "publish to its answer p99, ms"_L1, 3 },
        { Measure::BaselineP50, "baseline_p50_ms"_L1, "latency while all read p50, ms"_L1, 3 },
        { Measure::BaselineP99, "baseline_p99_ms"_L1, "latency while all read p99, ms"_L1, 3 },
        { Measure::Connections, "connections"_L1, "open connections"_L1, 0 },
        { Measure::Sent, "messages_sent"_L1, "messages sent"_L1, 0 },
        { Measure::Received, "messages_received"_L1, "messages received"_L1, 0 },
        { Measure::Publishes, "publishes"_L1, "publishes"_L1, 0 },
        { Measure::Expected, "deliveries_expected"_L1, "deliveries expected"_L1, 0 },
        { Measure::Missed, "deliveries_missed"_L1, "deliveries missed"_L1, 0 },
        { Measure::Answered, "answered"_L1, "answered with an error"_L1, 0 },
        { Measure::Admitted, "admitted"_L1, "admitted all the same"_L1, 0 },
        { Measure::Closed, "closed"_L1, "connections closed by the limit"_L1, 0 },
        { Measure::Lost, "lost"_L1, "connections lost"_L1, 0 },
        { Measure::Heartbeats, "heartbeats_answered"_L1, "heartbeats answered"_L1, 0 },
        { Measure::Stopped, "listeners_stopped"_L1, "listeners that stopped reading"_L1, 0 },
        { Measure::Cut, "listeners_cut"_L1, "of them cut by the server"_L1, 0 },
        { Measure::CutAfter, "cut_after_ms"_L1, "the last of them was cut after, ms"_L1, 0 },
        { Measure::RssBefore, "rss_before_kib"_L1, "server RSS before, KiB"_L1, 0 },
        { Measure::RssDuring, "rss_during_kib"_L1, "server RSS under load, KiB"_L1, 0 },
        { Measure::RssAfter, "rss_after_kib"_L1, "server RSS after, KiB"_L1, 0 },
        { Measure::RssPerConnection, "rss_per_connection_bytes"_L1, "server RSS per connection, bytes"_L1, 0 },
    } };
    return kMeasures;
}

void Round::set(Measure measure, std::optional<qint64> value)
{
    if (value)
        set(measure, double(*value));
}

void Round::setLatencies(const Latencies &latencies, Measure p50, Measure p99)
{
    if (latencies.count() == 0)
        return;
    set(p50, milliseconds(latencies.percentile(50)));
    set(p99, milliseconds(latencies.percentile(99)));
    if (p50 == Measure::LatencyP50)
        set(Measure::LatencyMax, milliseconds(latencies.longest()));
}

std::optional<double> median(const std::vector<Round> &rounds, Measure measure)
{
    const std::vector<double> values = sortedValues(rounds, measure);
    if (values.empty())
        return std::nullopt;
    const size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<double> lowest(const std::vector<Round> &rounds, Measure measure)
{
    const std::vector<double> values = sortedValues(rounds, measure);
    return values.empty() ? std::nullopt : std::optional(values.front());
}

std::optional<double> highest(const std::vector<Round> &rounds, Measure measure)
{
    const std::vector<double> values = sortedValues(rounds, measure);
    return values.empty() ? std::nullopt : std::optional(values.back());
}

Meter::Meter(const ProcessUsage &usage)
    : m_usage(usage)
    , m_server(usage.cpuTime())
    , m_own(ownCpuTime())
    , m_start(EventLoop::now())
{
}

void Meter::finish(Round &round, qint64 operations) const
{
    const double elapsedSeconds = double(elapsed().count()) / 1e9;
    const CpuTime own = ownCpuTime() - m_own;
    round.set(Measure::Seconds, elapsedSeconds);
    round.set(Measure::Operations, double(operations));
    round.set(Measure::PerSecond, double(operations) / std::max(elapsedSeconds, 1e-9));
    if (operations > 0)
        round.set(Measure::LoadPerOperation, double(own.total().count()) / double(operations));
    const std::optional<CpuTime> now = m_usage.cpuTime();
    if (!m_server || !now)
        return;
    const CpuTime used = *now - *m_server;
    round.set(Measure::CpuUser, seconds(used.user));
    round.set(Measure::CpuSystem, seconds(used.system));
    round.set(Measure::CpuPercent, 100.0 * seconds(used.total()) / std::max(elapsedSeconds, 1e-9));
    if (operations > 0)
        round.set(Measure::CpuPerOperation, double(used.total().count()) / double(operations));
}

} // namespace gatehouse::bench
