// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/aggregator.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kMinute = 60s;
constexpr size_t kMinuteMarks = 256; ///< a bound, should somebody tick faster than once a second

qint64 call(const std::function<qint64()> &source)
{
    return source ? source() : 0;
}

bool isRate(size_t metric)
{
    return metricDescriptors()[metric].kind == MetricKind::Rate;
}

} // namespace

Aggregator::Aggregator(const Clock &clock, const QTimeZone &zone, MetricSources sources, const DayRecord &restored)
    : m_clock(clock)
    , m_zone(zone)
    , m_sources(std::move(sources))
    , m_last(read())
{
    const UtcTime now = m_clock.utc();
    m_today = DayRecord::dayOf(now, m_zone);
    // Compared by instants, not by date: another TIME_ZONE has another midnight.
    if (restored.begin == m_today.begin && restored.end == m_today.end)
        m_today = restored;
    m_minute.push_back({ m_clock.monotonic(), m_last });
    m_frame.time = now;
    for (size_t i = 0; i < kMetricCount; ++i)
        m_frame.values[i] = isRate(i) ? 0.0 : double(m_last.values[i]);
}

const MetricsFrame &Aggregator::tick()
{
    const UtcTime now = m_clock.utc();
    const MonoTime mono = m_clock.monotonic();
    const Reading reading = read();

    addTo(m_today, reading, m_last);
    m_frame.time = now;
    for (size_t i = 0; i < kMetricCount; ++i)
        m_frame.values[i] = double(isRate(i) ? reading.values[i] - m_last.values[i] : reading.values[i]);
    m_last = reading;

    m_minute.push_back({ mono, reading });
    while (m_minute.size() > kMinuteMarks || mono - m_minute.front().at > kMinute)
        m_minute.pop_front();
    rollDay(now);
    return m_frame;
}

DailyTotals Aggregator::totals() const
{
    const Reading reading = read();
    DayRecord day = m_today;
    addTo(day, reading, m_last);
    DailyTotals totals;
    totals.activeConnections = reading.values[size_t(Metric::ActiveConnections)];
    totals.connectionsToday = day[Metric::Handshakes];
    totals.messagesSent = day[Metric::MessagesOut];
    totals.messagesReceived = day[Metric::MessagesIn];
    totals.averageDurationSeconds = day.averageDurationSeconds();
    totals.messagesPerMinute = lastMinute().messages;
    return totals;
}

LastMinute Aggregator::lastMinute() const
{
    const MonoTime begin = m_clock.monotonic() - kMinute;
    // Never more than a minute: from the first mark that is not older.
    const auto mark
        = std::find_if(m_minute.begin(), m_minute.end(), [begin](const Mark &one) { return one.at >= begin; });
    return mark == m_minute.end() ? difference(read(), m_last) : difference(read(), mark->reading);
}

qint64 Aggregator::peakConnections() const
{
    return today().peakConnections;
}

qint64 Aggregator::addressesNearLimit() const
{
    return call(m_sources.addressesNearLimit);
}

DayRecord Aggregator::today() const
{
    DayRecord day = m_today;
    addTo(day, read(), m_last);
    return day;
}

std::optional<DayRecord> Aggregator::takeFinishedDay()
{
    return std::exchange(m_finished, std::nullopt);
}

CounterSums Aggregator::sums() const
{
    return sumCounters(m_sources.workers);
}

qint64 Aggregator::trackedAddresses() const
{
    return call(m_sources.trackedAddresses);
}

qint64 Aggregator::published() const
{
    return call(m_sources.published);
}

qint64 Aggregator::storeFailures() const
{
    return call(m_sources.storeFailures);
}

NetCounts Aggregator::net() const
{
    return m_sources.net ? m_sources.net() : NetCounts();
}

Aggregator::Reading Aggregator::read() const
{
    const CounterSums sums = sumCounters(m_sources.workers);
    Reading reading;
    const auto value = [&reading](Metric metric) -> qint64 & { return reading.values[size_t(metric)]; };
    value(Metric::ActiveConnections) = sums.activeConnections;
    value(Metric::Handshakes) = sums.accepted;
    value(Metric::Closes) = sums.closed;
    value(Metric::MessagesIn) = sums.messagesIn;
    value(Metric::MessagesOut) = sums.messagesOut;
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        value(descriptor.metric) += sums.refused[size_t(descriptor.reason)];
        value(Metric::Observed) += sums.observed[size_t(descriptor.reason)];
    }
    value(Metric::Errors) = sums.errors + storeFailures();
    value(Metric::Published) = published();
    value(Metric::SendQueueBytes) = sums.sendQueueBytes;
    value(Metric::TrackedAddresses) = trackedAddresses();
    value(Metric::MemoryBytes) = call(m_sources.memoryBytes);
    reading.closedMillis = sums.closedMillis;
    reading.closedForDescriptors = net().closedForDescriptors();
    return reading;
}

LastMinute Aggregator::difference(const Reading &now, const Reading &then)
{
    const auto by = [&](Metric metric) { return now.values[size_t(metric)] - then.values[size_t(metric)]; };
    LastMinute minute;
    minute.messages = by(Metric::MessagesIn) + by(Metric::MessagesOut);
    minute.limitRefusals = by(Metric::RefusedConnections) + by(Metric::RefusedReconnects) + by(Metric::RefusedMessages);
    minute.refusals
        = minute.limitRefusals + by(Metric::RefusedOrigin) + by(Metric::RefusedToken) + by(Metric::RefusedOther);
    minute.errors = by(Metric::Errors);
    minute.closedForDescriptors = now.closedForDescriptors - then.closedForDescriptors;
    return minute;
}

void Aggregator::addTo(DayRecord &record, const Reading &now, const Reading &then)
{
    for (size_t i = 0; i < kMetricCount; ++i) {
        if (isRate(i))
            record.counts[i] += now.values[i] - then.values[i];
    }
    record.closedMillis += now.closedMillis - then.closedMillis;
    record.peakConnections = std::max(record.peakConnections, now.values[size_t(Metric::ActiveConnections)]);
}

void Aggregator::rollDay(UtcTime now)
{
    // A clock that is set back by a little around midnight must not begin the day twice; one set back by more was wrong
    // before.
    if (now < m_today.end && now >= m_today.begin - 1h)
        return;
    m_finished = m_today;
    m_today = DayRecord::dayOf(now, m_zone);
    m_today.peakConnections = m_last.values[size_t(Metric::ActiveConnections)];
}

} // namespace gatehouse
