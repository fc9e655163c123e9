// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <QtTest/QTest>

#include "server/channel/drainplan.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// Of the only worker.
DrainPlan planOf(qint64 connections, std::chrono::milliseconds longest)
{
    return { connections, DrainPlan::windowOf(connections, longest) };
}

} // namespace

class TestDrainPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lastsAsLongAsItsClientsNeed_data()
    {
        QTest::addColumn<int>("connections");
        QTest::addColumn<int>("longestMs");
        QTest::addColumn<int>("windowMs");
        QTest::newRow("nobody") << 0 << 20'000 << 0;
        QTest::newRow("three") << 3 << 20'000 << 30;
        QTest::newRow("a hundred") << 100 << 20'000 << 1'000;
        QTest::newRow("as many as there is time for") << 2'000 << 20'000 << 20'000;
        QTest::newRow("more") << 19'999 << 20'000 << 20'000;
        QTest::newRow("no time") << 5'000 << 0 << 0;
        QTest::newRow("less than none") << 5'000 << -1 << 0;
        QTest::newRow("fewer than nobody") << -1 << 20'000 << 0;
    }
    void lastsAsLongAsItsClientsNeed()
    {
        QFETCH(int, connections);
        QFETCH(int, longestMs);
        QFETCH(int, windowMs);
        QCOMPARE(
            planOf(connections, std::chrono::milliseconds(longestMs)).window(), std::chrono::milliseconds(windowMs));
    }

    void spreadsTheClosingsEvenly_data()
    {
        QTest::addColumn<int>("connections");
        QTest::addColumn<int>("longestMs");
        QTest::newRow("one") << 1 << 20'000;
        QTest::newRow("two") << 2 << 20'000;
        QTest::newRow("fewer than ticks") << 7 << 20'000;
        QTest::newRow("some") << 150 << 20'000;
        QTest::newRow("many") << 19'999 << 20'000;
        QTest::newRow("more than milliseconds") << 100'000 << 1'000;
        QTest::newRow("the longest window") << 1'000'000 << 600'000;
    }
    void spreadsTheClosingsEvenly()
    {
        QFETCH(int, connections);
        QFETCH(int, longestMs);
        const DrainPlan plan = planOf(connections, std::chrono::milliseconds(longestMs));
        const qint64 windowMs = plan.window().count();
        constexpr int kTickMs = 100;
        const qint64 mostAtOnce = qint64(connections) * kTickMs / windowMs + 1;
        qint64 closed = 0;
        for (int elapsed = 0; elapsed < windowMs; elapsed += kTickMs) {
            const qint64 due = plan.due(std::chrono::milliseconds(elapsed));
            QVERIFY(due >= closed && due <= connections);
            QVERIFY2(due - closed <= mostAtOnce, qPrintable(QString::number(due - closed)));
            closed = due;
        }
        QVERIFY(plan.due(0ms) >= 1);
        QVERIFY(plan.due(std::chrono::milliseconds(windowMs / 2)) >= connections / 2);
        QCOMPARE(plan.due(std::chrono::milliseconds(windowMs)), qint64(connections));
        QCOMPARE(plan.due(std::chrono::milliseconds(windowMs * 2)), qint64(connections));
    }

    void theLastIsDueBeforeTheEnd()
    {
        QCOMPARE(planOf(4000, 20s).due(19'994ms), 3999);
        QCOMPARE(planOf(4000, 20s).due(19'995ms), 4000);
        QCOMPARE(planOf(1, 20s).due(0ms), 1); // a single client waits for nobody
    }

    void closesAllAtOnceWithoutAWindow()
    {
        QCOMPARE(planOf(5000, 0ms).due(0ms), 5000);
        QCOMPARE(planOf(5000, -1ms).due(0ms), 5000);
    }

    void nobodyIsNeverDue()
    {
        QCOMPARE(planOf(0, 20s).due(0ms), 0);
        QCOMPARE(planOf(0, 20s).due(30s), 0);
        QCOMPARE(planOf(0, 0ms).due(0ms), 0);
    }

    void nobodyIsAskedBackWhileTheServerDrains_data()
    {
        QTest::addColumn<int>("connections");
        for (const int connections : { 1, 3, 99, 1500, 100'000 })
            QTest::addRow("%d", connections) << connections;
    }
    void nobodyIsAskedBackWhileTheServerDrains()
    {
        QFETCH(int, connections);
        const DrainPlan plan = planOf(connections, 20s);
        for (const auto elapsed : { 0ms, 1ms, plan.window() / 2, plan.window() - 1ms })
            QVERIFY(
                std::chrono::seconds(plan.reconnectDelay(elapsed, 0)) + elapsed >= plan.window() + DrainPlan::kRestart);
        QCOMPARE(plan.reconnectDelay(plan.window(), 0), 1);
        QCOMPARE(plan.reconnectDelay(plan.window() + 5s, 0), 1);
    }

    void theReturnsAreSpreadOverAnotherWindow()
    {
        const DrainPlan plan = planOf(2000, 20s);
        std::set<qint64> delays;
        for (int i = 0; i < 1000; ++i)
            delays.insert(plan.reconnectDelay(20s, i / 1000.0));
        QCOMPARE(delays.size(), 20U);
        QCOMPARE(*delays.begin(), 1);
        QCOMPARE(*delays.rbegin(), 20);
    }

    void theClientsOfAnEmptierWorkerTakeTheTimeOfTheFullest()
    {
        const DrainPlan plan(3, DrainPlan::windowOf(1000, 20s));
        QCOMPARE(plan.window(), 10s);
        QCOMPARE(plan.due(0ms), 1);
        QCOMPARE(plan.due(5s), 2);
        QCOMPARE(plan.due(9999ms), 3);
        QCOMPARE(plan.reconnectDelay(0ms, 0), 11); // nobody listens before
    }

    void catchingUpTakesItsWholeWindow()
    {
        const Spread spread{ 100, 5s };
        QCOMPARE(spread.due(0ms), 1);
        QCOMPARE(spread.due(2500ms), 51);
        QCOMPARE(spread.due(4949ms), 99);
        QCOMPARE(spread.due(5s), 100);
        QCOMPARE((Spread{ 100, 0s }).due(0ms), 100);
        QCOMPARE((Spread{ 0, 5s }).due(1s), 0);
    }

    void theReturnsOfFewAreSoon()
    {
        QCOMPARE(planOf(3, 20s).reconnectDelay(0ms, 0.999), 1);
        QCOMPARE(planOf(3, 0s).reconnectDelay(0ms, 0.999), 1);
        QCOMPARE(planOf(150, 20s).reconnectDelay(0ms, 0), 2);
        QCOMPARE(planOf(150, 20s).reconnectDelay(0ms, 0.999), 3);
    }

    void theReturnsOfManyAreSpreadWithoutAWindowToo()
    {
        const DrainPlan plan = planOf(1000, 0ms);
        QCOMPARE(plan.reconnectDelay(0ms, 0), 1);
        QCOMPARE(plan.reconnectDelay(0ms, 0.999), DrainPlan::kLeastSpread / 1s);
    }
};

QTEST_APPLESS_MAIN(TestDrainPlan)
#include "tst_drainplan.moc"
