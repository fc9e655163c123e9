// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/admission/circuitbreaker.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kMissingFor = 100ms;

CircuitBreaker closedBreaker(double random = 0.5)
{
    CircuitBreaker breaker(kMissingFor, [random] { return random; });
    for (int i = 0; i < CircuitBreaker::kGoodProbes; ++i)
        (void)breaker.succeeded();
    return breaker;
}

} // namespace

class TestCircuitBreaker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isOpenUntilSomebodyAnswers()
    {
        CircuitBreaker breaker(kMissingFor, [] { return 0.5; });
        QVERIFY(breaker.isOpen());
        QVERIFY(!breaker.succeeded());
        QVERIFY(!breaker.succeeded());
        QVERIFY(breaker.succeeded());
        QVERIFY(!breaker.isOpen());
        QVERIFY(!breaker.succeeded());
    }

    void oneSlowMomentDoesNotOpenIt()
    {
        CircuitBreaker breaker = closedBreaker();
        const MonoTime now{};
        for (int i = 0; i < 1000; ++i) // all that was on its way
            QVERIFY(!breaker.failed(now + 1ms * (i % 100), u"late"_s));
        QVERIFY(!breaker.isOpen());
        QVERIFY(!breaker.succeeded());
        QVERIFY(!breaker.failed(now + 200ms, u"late"_s)); // counts from here again
        QVERIFY(!breaker.isOpen());
    }

    void opensWhenNothingComesForAWhile()
    {
        CircuitBreaker breaker = closedBreaker();
        const MonoTime now{};
        for (int i = 0; i < CircuitBreaker::kMisses - 1; ++i)
            QVERIFY(!breaker.failed(now + 1s * i, u"late"_s)); // few, however long
        QVERIFY(breaker.failed(now + 10s, u"later"_s));
        QVERIFY(breaker.isOpen());
        QCOMPARE(breaker.reason(), u"later"_s);
        QVERIFY(!breaker.failed(now + 11s, u"more"_s)); // it is open already
        QCOMPARE(breaker.reason(), u"later"_s);
    }

    void closesAfterSeveralGoodProbesInARow()
    {
        CircuitBreaker breaker = closedBreaker();
        QVERIFY(breaker.open(u"down"_s));
        QVERIFY(!breaker.open(u"down again"_s));
        QCOMPARE(breaker.reason(), u"down again"_s);
        QVERIFY(!breaker.succeeded());
        QVERIFY(!breaker.succeeded());
        QVERIFY(!breaker.failed({}, {}));
        QVERIFY(!breaker.succeeded());
        QVERIFY(!breaker.succeeded());
        QVERIFY(breaker.succeeded());
    }

    void closesAtOnceForWhoIsThereAnew()
    {
        CircuitBreaker breaker = closedBreaker();
        for (int i = 0; i < CircuitBreaker::kMisses - 1; ++i)
            QVERIFY(!breaker.failed(MonoTime{}, u"late"_s));
        (void)breaker.open(u"down"_s);
        breaker.close();
        QVERIFY(!breaker.isOpen());
        QVERIFY(!breaker.failed(MonoTime{} + 1h, u"late"_s)); // what was missed before says nothing any more
        (void)breaker.open(u"down"_s);
        QVERIFY(!breaker.succeeded()); // nor do good probes
        QVERIFY(!breaker.succeeded());
        QVERIFY(breaker.succeeded());
    }

    void probesEverLessOftenAndNotAllNodesAtOnce()
    {
        CircuitBreaker breaker = closedBreaker();
        (void)breaker.open(u"down"_s);
        QCOMPARE(breaker.nextProbe(), 50ms);
        for (const auto expected : { 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms }) {
            (void)breaker.failed({}, {});
            QCOMPARE(breaker.nextProbe(), expected);
        }
        (void)breaker.succeeded();
        QCOMPARE(breaker.nextProbe(), 50ms);
        CircuitBreaker early = closedBreaker(0);
        (void)early.open({});
        QCOMPARE(early.nextProbe(), 25ms);
        CircuitBreaker late = closedBreaker(0.999);
        (void)late.open({});
        QCOMPARE(late.nextProbe(), 74ms);
    }
};

QTEST_GUILESS_MAIN(TestCircuitBreaker)
#include "tst_circuitbreaker.moc"
