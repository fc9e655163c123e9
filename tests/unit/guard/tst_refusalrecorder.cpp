// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/refusalrecorder.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Sink final : public DecisionSink
{
public:
    void record(Decision decision) override { decisions.push_back(std::move(decision)); }
    void count(const Decision &about, qint64 count) override { counted[about.address] += count; }
    std::vector<Decision> decisions;
    std::map<QString, qint64> counted;
};

struct Fixture
{
    FakeClock clock;
    WorkerCounters counters;
    Sink sink;
    RefusalRecorder recorder{ clock, counters, sink };
};

} // namespace

class TestRefusalRecorder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void makesADecisionOfAFinding()
    {
        Fixture fixture;
        Decision about;
        about.address = u"192.0.2.1"_s;
        about.user = u"42"_s;
        const Decision decision
            = fixture.recorder.record(about, { Reason::TooManyReconnects, {}, 10, 11, 1500ms, true });
        QCOMPARE(decision.reason, Reason::TooManyReconnects);
        QCOMPARE(decision.address, u"192.0.2.1"_s);
        QCOMPARE(decision.user, u"42"_s);
        QCOMPARE(decision.limit, std::optional<qint64>(10));
        QCOMPARE(decision.observed, std::optional<qint64>(11));
        QCOMPARE(decision.retryAfterSeconds, std::optional<qint64>(2));
        QCOMPARE(decision.at, fixture.clock.utc());
        QVERIFY(!decision.id.isEmpty());
        QCOMPARE(fixture.sink.decisions.size(), 1U);
        QCOMPARE(fixture.sink.decisions[0].id, decision.id);
        QVERIFY(fixture.recorder.record(about, { Reason::Banned }).id != decision.id);
    }

    void countsWhatIsOnlyObservedApart()
    {
        Fixture fixture;
        const size_t row = size_t(Reason::TooManyConnections);
        QVERIFY(!fixture.recorder.record({}, { Reason::TooManyConnections, {}, 5, 6, {}, false }).isEnforced);
        QCOMPARE(fixture.counters.observed[row].load(), 1);
        QCOMPARE(fixture.counters.refused[row].load(), 0);
        (void)fixture.recorder.record({}, { Reason::TooManyConnections, {}, 5, 6 });
        fixture.recorder.countOnly(Reason::TooManyConnections, true);
        QCOMPARE(fixture.counters.refused[row].load(), 2);
        QCOMPARE(fixture.sink.decisions.size(), 2U); // what is only counted is not recorded
        Decision about;
        about.address = u"192.0.2.1"_s;
        fixture.recorder.tellCounted(about, 7); // but told, whom it was about
        QCOMPARE(fixture.sink.counted[u"192.0.2.1"_s], 7);
        QCOMPARE(fixture.counters.refused[row].load(), 2);
    }
};

QTEST_APPLESS_MAIN(TestRefusalRecorder)
#include "tst_refusalrecorder.moc"
