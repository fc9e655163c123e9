// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/metrics/aggregator.h"
#include "shared/util/isotime.h"
#include "tests/support/fakeclock.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

class AggregatorTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void sumsWorkersIntoFramesOfDifferences();
    void sortsRefusalsBySeries();
    void answersTheGuidesTotals();
    void answersFromTheCountersOfTheMoment();
    void countsMessagesOfTheLastMinuteOnly();
    void beginsAnewAtLocalMidnight();
    void handsOutTheFinishedDayOnce();
    void doesNotBeginADayTwiceWhenTheClockStepsBack();
    void goesOnWithTheDayAfterARestart();
    void ignoresTheDayOfAnotherZone();
    void countsStoreFailuresAsErrors();
    void countsWhoWasClosedForDescriptors();
    void keepsThePeakUntilMidnight();

private:
    WorkerCounters m_first;
    WorkerCounters m_second;
    std::optional<FakeClock> m_clock;
    const QTimeZone m_utc{ "UTC" };

    [[nodiscard]] MetricSources workers() const { return { { &m_first, &m_second }, {}, {}, {}, {} }; }
    void clearCounters();
    void tick(Aggregator &aggregator, int seconds = 1)
    {
        for (int i = 0; i < seconds; ++i) {
            m_clock->advance(1s);
            aggregator.tick();
        }
    }
};

void AggregatorTest::init()
{
    m_clock.emplace();
    clearCounters();
}

void AggregatorTest::clearCounters()
{
    for (WorkerCounters *worker : { &m_first, &m_second }) {
        for (WorkerCounters::Counter *counter :
            { &worker->activeConnections, &worker->accepted, &worker->closed, &worker->closedMillis,
                &worker->messagesIn, &worker->messagesOut, &worker->errors, &worker->sendQueueBytes })
            counter->store(0);
        for (size_t i = 0; i < kReasonCount; ++i) {
            worker->refused[i].store(0);
            worker->observed[i].store(0);
        }
    }
}

void AggregatorTest::sumsWorkersIntoFramesOfDifferences()
{
    MetricSources sources = workers();
    sources.trackedAddresses = [] { return qint64(9); };
    qint64 published = 100; // from before: not of this second
    sources.published = [&published] { return published; };
    m_first.accepted = 5; // likewise
    Aggregator aggregator(*m_clock, m_utc, sources);

    WorkerCounters::add(m_first.accepted, 2);
    WorkerCounters::add(m_second.accepted, 3);
    m_first.activeConnections = 7;
    m_second.activeConnections = 1;
    WorkerCounters::add(m_second.messagesIn, 4);
    m_first.sendQueueBytes = 1024;
    published += 6;
    tick(aggregator);

    const MetricsFrame &frame = aggregator.frame();
    QCOMPARE(isoSeconds(frame.time), u"2025-11-10T12:00:01Z"_s);
    QCOMPARE(frame[Metric::Handshakes], 5.0);
    QCOMPARE(frame[Metric::ActiveConnections], 8.0);
    QCOMPARE(frame[Metric::MessagesIn], 4.0);
    QCOMPARE(frame[Metric::Published], 6.0);
    QCOMPARE(frame[Metric::SendQueueBytes], 1024.0);
    QCOMPARE(frame[Metric::TrackedAddresses], 9.0);

    tick(aggregator);
    QCOMPARE(frame[Metric::Handshakes], 0.0);
    QCOMPARE(frame[Metric::ActiveConnections], 8.0);
}

void AggregatorTest::sortsRefusalsBySeries()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    for (const ReasonDescriptor &descriptor : reasonDescriptors())
        WorkerCounters::add(m_first.refused[size_t(descriptor.reason)]);
    WorkerCounters::add(m_second.observed[size_t(Reason::RateLimited)], 2);
    tick(aggregator);
    double refusals = 0;
    for (const MetricDescriptor &row : metricDescriptors())
        refusals += row.name.startsWith("refused_"_L1) ? aggregator.frame()[row.metric] : 0;
    QCOMPARE(refusals, double(kReasonCount));
    QCOMPARE(aggregator.frame()[Metric::RefusedConnections], 2.0); // per address and per user
    QCOMPARE(aggregator.frame()[Metric::Observed], 2.0);
    QCOMPARE(aggregator.lastMinute().refusals, qint64(kReasonCount));
    QCOMPARE(aggregator.lastMinute().limitRefusals, qint64(6)); // origin, tokens, bans and capacity are no limits
}

void AggregatorTest::answersTheGuidesTotals()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    m_first.activeConnections = 5;
    WorkerCounters::add(m_first.accepted, 150);
    WorkerCounters::add(m_first.messagesOut, 1250);
    WorkerCounters::add(m_second.messagesIn, 980);
    WorkerCounters::add(m_first.closed, 100);
    WorkerCounters::add(m_first.closedMillis, 4'532'000);
    tick(aggregator);
    const DailyTotals totals = aggregator.totals();
    QCOMPARE(totals.activeConnections, 5);
    QCOMPARE(totals.connectionsToday, 150);
    QCOMPARE(totals.messagesSent, 1250);
    QCOMPARE(totals.messagesReceived, 980);
    QCOMPARE(totals.averageDurationSeconds, 45.32);
    QCOMPARE(totals.messagesPerMinute, 2230);
    QCOMPARE(totals.toJson(m_clock->utc()).size(), 7);
}

void AggregatorTest::answersFromTheCountersOfTheMoment()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    WorkerCounters::add(m_first.accepted);
    m_first.activeConnections = 1;
    QCOMPARE(aggregator.totals().connectionsToday, 1); // before any tick
    QCOMPARE(aggregator.totals().activeConnections, 1);
    tick(aggregator);
    QCOMPARE(aggregator.totals().connectionsToday, 1); // and not twice after it
}

void AggregatorTest::countsMessagesOfTheLastMinuteOnly()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    WorkerCounters::add(m_first.messagesIn, 10);
    tick(aggregator);
    tick(aggregator, 58);
    QCOMPARE(aggregator.totals().messagesPerMinute, 10);
    WorkerCounters::add(m_first.messagesOut, 5);
    tick(aggregator, 2);
    QCOMPARE(aggregator.totals().messagesPerMinute, 5);
    tick(aggregator, 59);
    QCOMPARE(aggregator.totals().messagesPerMinute, 0);
    m_clock->jumpUtc(24h); // a set clock does not touch windows
    WorkerCounters::add(m_first.messagesOut, 3);
    QCOMPARE(aggregator.totals().messagesPerMinute, 3);
}

void AggregatorTest::beginsAnewAtLocalMidnight()
{
    // 2025-11-10T12:00Z is 19:00 in Bangkok: midnight is five hours away.
    Aggregator aggregator(*m_clock, QTimeZone("Asia/Bangkok"), workers());
    WorkerCounters::add(m_first.accepted, 4);
    WorkerCounters::add(m_first.closed, 1);
    WorkerCounters::add(m_first.closedMillis, 1500);
    tick(aggregator);
    m_clock->advance(5h - 2s);
    aggregator.tick();
    QCOMPARE(aggregator.totals().connectionsToday, 4);
    tick(aggregator);
    QCOMPARE(aggregator.totals().connectionsToday, 0);
    QCOMPARE(aggregator.totals().averageDurationSeconds, 0.0);
    WorkerCounters::add(m_first.accepted);
    QCOMPARE(aggregator.totals().connectionsToday, 1);
    m_clock->advance(24h);
    aggregator.tick();
    QCOMPARE(aggregator.totals().connectionsToday, 0);
}

void AggregatorTest::handsOutTheFinishedDayOnce()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    QVERIFY(!aggregator.takeFinishedDay());
    WorkerCounters::add(m_first.accepted, 4);
    m_clock->advance(12h);
    aggregator.tick();
    const std::optional<DayRecord> finished = aggregator.takeFinishedDay();
    QVERIFY(finished);
    QCOMPARE(finished->day, QDate(2025, 11, 10));
    QCOMPARE((*finished)[Metric::Handshakes], 4);
    QVERIFY(!aggregator.takeFinishedDay());
    QCOMPARE(aggregator.today().day, QDate(2025, 11, 11));
}

void AggregatorTest::doesNotBeginADayTwiceWhenTheClockStepsBack()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    m_clock->advance(12h);
    aggregator.tick();
    WorkerCounters::add(m_first.accepted, 2);
    tick(aggregator);
    m_clock->jumpUtc(-5s);
    aggregator.tick();
    QCOMPARE(aggregator.totals().connectionsToday, 2);
    QCOMPARE(aggregator.today().day, QDate(2025, 11, 11));
    m_clock->jumpUtc(-48h);
    aggregator.tick();
    QCOMPARE(aggregator.today().day, QDate(2025, 11, 8));
}

void AggregatorTest::goesOnWithTheDayAfterARestart()
{
    DayRecord saved;
    {
        Aggregator before(*m_clock, m_utc, workers());
        WorkerCounters::add(m_first.accepted, 4);
        WorkerCounters::add(m_first.messagesIn, 2);
        m_first.activeConnections = 4;
        saved = before.today();
    }
    clearCounters(); // a new process counts from zero
    m_clock->advance(1h);
    Aggregator after(*m_clock, m_utc, workers(), saved);
    WorkerCounters::add(m_first.accepted);
    tick(after);
    QCOMPARE(after.totals().connectionsToday, 5);
    QCOMPARE(after.totals().messagesReceived, 2);
    QCOMPARE(after.totals().messagesPerMinute, 0);
    QCOMPARE(after.peakConnections(), 4);

    m_clock->advance(24h);
    Aggregator tomorrow(*m_clock, m_utc, workers(), saved);
    QCOMPARE(tomorrow.totals().connectionsToday, 0);
}

void AggregatorTest::ignoresTheDayOfAnotherZone()
{
    DayRecord saved = DayRecord::dayOf(m_clock->utc(), QTimeZone("Asia/Bangkok"));
    saved[Metric::Handshakes] = 7;
    Aggregator aggregator(*m_clock, m_utc, workers(), saved);
    QCOMPARE(aggregator.totals().connectionsToday, 0);
}

void AggregatorTest::countsStoreFailuresAsErrors()
{
    qint64 failures = 3;
    MetricSources sources = workers();
    sources.storeFailures = [&failures] { return failures; };
    Aggregator aggregator(*m_clock, m_utc, sources);
    failures += 2;
    WorkerCounters::add(m_first.errors);
    tick(aggregator);
    QCOMPARE(aggregator.frame()[Metric::Errors], 3.0);
    QCOMPARE(aggregator.lastMinute().errors, 3);
}

void AggregatorTest::countsWhoWasClosedForDescriptors()
{
    NetCounts net;
    net.turnedAway = 5; // before the start of the minute
    MetricSources sources = workers();
    sources.net = [&net] { return net; };
    Aggregator aggregator(*m_clock, m_utc, sources);
    net.turnedAway += 2;
    net.places.lost[size_t(HttpPlaces::Why::Descriptors)] += 3;
    net.places.lost[size_t(HttpPlaces::Why::Address)] += 7;
    QCOMPARE(aggregator.lastMinute().closedForDescriptors, 5);
    QCOMPARE(aggregator.net().turnedAway, 7);
    m_clock->advance(30s);
    aggregator.tick();
    m_clock->advance(61s);
    aggregator.tick();
    QCOMPARE(aggregator.lastMinute().closedForDescriptors, 0);
}

void AggregatorTest::keepsThePeakUntilMidnight()
{
    Aggregator aggregator(*m_clock, m_utc, workers());
    m_first.activeConnections = 9;
    tick(aggregator);
    m_first.activeConnections = 2;
    tick(aggregator);
    QCOMPARE(aggregator.peakConnections(), 9);
    m_clock->advance(12h);
    aggregator.tick();
    QCOMPARE(aggregator.peakConnections(), 2);
}

QTEST_GUILESS_MAIN(AggregatorTest)
#include "tst_aggregator.moc"
