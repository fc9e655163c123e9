// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/historysource.h"

#include <cmath>

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture
{
    FakeAdminClient client;
    SeriesBuffer buffer;
    HistorySource source{ client, client.clock, buffer };

    Fixture() { client.setState(ConnectionState::Live); }
    [[nodiscard]] UtcTime now() const { return client.clock.utc(); }
    /// Samples of one second each, up to now.
    void fill(std::chrono::seconds length, double value = 5)
    {
        buffer.fill(makeHistory(now() - length, 1s, length / 1s, { { Metric::ActiveConnections, always(value) } }));
    }
    [[nodiscard]] qsizetype historyCalls() const { return client.calls.count(u"fetchHistory"_s); }
};

using Preset = TimeRange::Preset;

} // namespace

class TestHistorySource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void suitsAYoungServer_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<Preset>("preset");
        QTest::newRow("just started") << 0 << Preset::Last5Minutes;
        QTest::newRow("four minutes") << 240 << Preset::Last5Minutes;
        QTest::newRow("just young") << 14 * 60 + 58 << Preset::Last5Minutes;
        QTest::newRow("not young") << 15 * 60 + 2 << Preset::LastHour;
        QTest::newRow("an hour") << 3600 << Preset::LastHour;
    }
    void suitsAYoungServer()
    {
        QFETCH(int, seconds);
        QFETCH(Preset, preset);
        Fixture fixture;
        if (seconds > 0)
            fixture.fill(std::chrono::seconds(seconds));
        fixture.source.suitRange(fixture.now());
        QCOMPARE(fixture.source.range().preset(), preset);
    }

    void neverBreaksARangeTheUserChose()
    {
        Fixture fixture;
        fixture.fill(60s);
        fixture.source.setRange(TimeRange(Preset::Last6Hours));
        fixture.source.suitRange(fixture.now());
        QCOMPARE(fixture.source.range().preset(), Preset::Last6Hours);
        fixture.source.clear(); // another server
        fixture.source.suitRange(fixture.now());
        QCOMPARE(fixture.source.range().preset(), Preset::Last6Hours);
    }

    void suitsOncePerServer()
    {
        Fixture fixture;
        fixture.fill(60s);
        fixture.source.suitRange(fixture.now());
        QCOMPARE(fixture.source.range().preset(), Preset::Last5Minutes);
        fixture.fill(3000s);
        fixture.source.suitRange(fixture.now()); // a reconnect while somebody looks at it
        QCOMPARE(fixture.source.range().preset(), Preset::Last5Minutes);
        fixture.source.clear();
        fixture.source.suitRange(fixture.now());
        QCOMPARE(fixture.source.range().preset(), Preset::LastHour);
    }

    void followsTheClock()
    {
        Fixture fixture;
        QCOMPARE(fixture.source.interval(), (TimeInterval{ fixture.now() - 1h, fixture.now() }));
        fixture.client.clock.advance(10s);
        QCOMPARE(fixture.source.interval().to, fixture.now());
    }

    void showsOneNodeFromTheServersHistory()
    {
        Fixture fixture;
        fixture.fill(3600s, 9);
        fixture.client.nodeHistory
            = makeHistory(fixture.now() - 1h, 2s, 1800, { { Metric::ActiveConnections, always(4) } });
        fixture.source.setNode(u"gate-2"_s);
        QCOMPARE(fixture.client.calls.count(u"fetchNodeHistory gate-2"_s), 1);
        QTRY_COMPARE(fixture.source.data({ Metric::ActiveConnections }, 100).bucketCount, 1800);
        QCOMPARE(fixture.source.data({ Metric::ActiveConnections }, 100).series[0].mean[5], 4.0);
        fixture.source.setRange(TimeRange(Preset::LastWeek)); // also what is longer than the buffer
        QCOMPARE(fixture.client.calls.count(u"fetchNodeHistory gate-2"_s), 2);
        fixture.source.setRange(TimeRange(Preset::LastHour));
        fixture.source.setNode({});
        QVERIFY(fixture.source.data({ Metric::ActiveConnections }, 100).series[0].mean[5] > 8);
        fixture.source.setNode(u"gate-1"_s);
        fixture.source.clear(); // of another server, which has other nodes
        QCOMPARE(fixture.source.node(), QString());
    }

    void standsStillWhilePaused()
    {
        Fixture fixture;
        QSignalSpy changed(&fixture.source, &HistorySource::changed);
        const UtcTime pausedAt = fixture.now();
        fixture.source.setPaused(true);
        fixture.source.setPaused(true);
        QCOMPARE(changed.count(), 1);
        fixture.client.clock.advance(12s);
        QCOMPARE(fixture.source.interval().to, pausedAt);
        QCOMPARE(fixture.source.behind(), 12s);
        fixture.source.setPaused(false);
        QCOMPARE(fixture.source.interval().to, fixture.now());
        QCOMPARE(fixture.source.behind(), 0s);
    }

    void zoomsAndReturns()
    {
        Fixture fixture;
        const UtcTime from = fixture.now() - 10min;
        fixture.source.zoom(from, from + 1min);
        QVERIFY(fixture.source.isZoomed());
        fixture.client.clock.advance(30s);
        QCOMPARE(fixture.source.interval(), (TimeInterval{ from, from + 1min }));
        QCOMPARE(fixture.source.range().preset(), Preset::LastHour); // what it returns to
        fixture.source.resetZoom();
        QVERIFY(!fixture.source.isZoomed());
        QCOMPARE(fixture.source.interval().to, fixture.now());
        QSignalSpy changed(&fixture.source, &HistorySource::changed);
        fixture.source.resetZoom(); // nothing to reset
        QCOMPARE(changed.count(), 0);
    }

    void anotherRangeEndsZoomAndPause()
    {
        Fixture fixture;
        fixture.source.zoom(fixture.now() - 10min, fixture.now() - 9min);
        fixture.source.setPaused(true);
        fixture.source.setRange(TimeRange(Preset::Last5Minutes));
        QVERIFY(!fixture.source.isZoomed());
        QVERIFY(!fixture.source.isPaused());
        QCOMPARE(fixture.source.interval().length(), 5min);
    }

    void asksOnlyForWhatIsMissing()
    {
        Fixture fixture;
        fixture.fill(3600s);
        fixture.source.setRange(TimeRange(Preset::Last5Minutes));
        QCOMPARE(fixture.historyCalls(), 0);
        fixture.source.setRange(TimeRange(Preset::Last6Hours));
        QCOMPARE(fixture.historyCalls(), 1);
    }

    void fillsWhatTheServerAnswers()
    {
        Fixture fixture;
        fixture.fill(60s, 5);
        fixture.client.history
            = makeHistory(fixture.now() - 1h, 10s, 354, { { Metric::ActiveConnections, always(7) } });
        QSignalSpy changed(&fixture.source, &HistorySource::changed);
        fixture.source.reload();
        QTRY_VERIFY(changed.count() > 0);
        QCOMPARE(
            fixture.buffer.sum(Metric::ActiveConnections, { fixture.now() - 30min - 1ms, fixture.now() - 30min }), 7.0);
        QCOMPARE(fixture.buffer.sum(Metric::ActiveConnections, { fixture.now() - 30s - 1ms, fixture.now() - 30s }),
            5.0); // seen live, not overwritten
    }

    void longRangesComeFromTheServer()
    {
        Fixture fixture;
        fixture.client.history
            = makeHistory(fixture.now() - 24h * 7, 1h, 168, { { Metric::ActiveConnections, always(3) } });
        fixture.source.setRange(TimeRange(Preset::LastWeek));
        QTRY_COMPARE(fixture.source.data({ Metric::ActiveConnections }, 500).bucketCount, 168);
        fixture.source.setRange(TimeRange(Preset::LastHour));
        QVERIFY(fixture.source.data({ Metric::ActiveConnections }, 500).bucketCount != 168);
    }

    void anAnswerForAnOlderRangeIsDropped()
    {
        Fixture fixture;
        fixture.client.holdsAnswers = true;
        fixture.client.history = makeHistory(fixture.now(), 1h, 7, { { Metric::ActiveConnections, always(1) } });
        fixture.source.setRange(TimeRange(Preset::LastWeek));
        fixture.client.history = makeHistory(fixture.now(), 1h, 30, { { Metric::ActiveConnections, always(2) } });
        fixture.source.setRange(TimeRange(Preset::LastMonth));
        fixture.client.releaseAnswers();
        QCOMPARE(fixture.source.data({ Metric::ActiveConnections }, 500).bucketCount, 30);
    }

    void aFailureKeepsWhatIsThere()
    {
        Fixture fixture;
        fixture.fill(60s);
        fixture.client.failure = Problem{};
        fixture.source.reload();
        QTRY_COMPARE(fixture.historyCalls(), 1);
        QCOMPARE(
            fixture.buffer.sum(Metric::ActiveConnections, { fixture.now() - 30s - 1ms, fixture.now() - 30s }), 5.0);
    }

    void usesTheServersClock()
    {
        Fixture fixture;
        fixture.source.sampleArrived(fixture.now() + 300ms); // jitter
        QCOMPARE(fixture.source.now(), fixture.now());
        fixture.source.sampleArrived(fixture.now() + 2min); // a clock that is two minutes ahead
        QCOMPARE(fixture.source.now(), fixture.now() + 2min);
        fixture.source.clear();
        QCOMPARE(fixture.source.now(), fixture.now());
    }
};

QTEST_MAIN(TestHistorySource)
#include "tst_historysource.moc"
