// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/monitoringcycle.h"

namespace gatehouse {

using namespace std::chrono_literals;

MonitoringCycle::MonitoringCycle(const Clock &clock, Aggregator &aggregator, History &history, MetricsArchive &archive,
    DecisionLog &decisions, AlertService &alerts, LiveFeed &feed, Watched watched, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_aggregator(aggregator)
    , m_history(history)
    , m_archive(archive)
    , m_decisions(decisions)
    , m_alerts(alerts)
    , m_feed(feed)
    , m_watched(std::move(watched))
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        tick();
        scheduleNext();
    });
}

void MonitoringCycle::start()
{
    m_archive.deleteOld(m_clock.utc());
    m_decisions.deleteOld();
    m_decisions.start();
    scheduleNext();
}

void MonitoringCycle::scheduleNext()
{
    // To the full second of the wall clock, so that the frames of several servers fall together. A timer that fires a
    // little early must not tick twice for one second.
    const std::chrono::milliseconds intoSecond = m_clock.utc().time_since_epoch() % 1s;
    const std::chrono::milliseconds wait = 1s - intoSecond;
    m_timer.start(wait < 100ms ? wait + 1s : wait);
}

void MonitoringCycle::tick()
{
    ++m_ticks;
    const MetricsFrame &frame = m_aggregator.tick();
    m_history.add(frame);
    Q_EMIT ticked();
    const LastMinute minute = m_aggregator.lastMinute();
    const qint64 maximum = qMax<qint64>(1, m_watched.maxConnections());
    const StoreCondition store = m_watched.store ? m_watched.store() : StoreCondition();
    m_alerts.evaluate({
        .connectionsPercent = 100.0 * frame[Metric::ActiveConnections] / double(maximum),
        .violationsPerMinute = double(minute.limitRefusals),
        .errorsPerMinute = double(minute.errors),
        .lostNodes = m_watched.lostNodes ? double(m_watched.lostNodes()) : 0.0,
        .memoryPercent = m_watched.memoryPercent ? m_watched.memoryPercent() : 0.0,
        .clockSkewSeconds = m_watched.clockError ? std::chrono::duration<double>(m_watched.clockError()).count() : 0.0,
        .stateProblems = double(store.problems()),
        .stateDetail = store.summary(),
        .closedForDescriptorsPerMinute = double(minute.closedForDescriptors),
    });
    m_feed.sendMetrics();
    if (m_ticks % kSecondsPerSave == 0)
        m_archive.save(m_aggregator, m_history);
    if (m_ticks % kSecondsPerCleaning == 0) {
        m_archive.deleteOld(m_clock.utc());
        m_decisions.deleteOld();
    }
}

void MonitoringCycle::finish()
{
    m_timer.stop();
    m_decisions.drain();
    m_archive.save(m_aggregator, m_history);
}

} // namespace gatehouse
