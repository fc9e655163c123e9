// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <QtTest/QTest>

#include "server/channel/drainplan.h"

using namespace gatehouse;
using namespace std::chrono_literals;

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
            DrainPlan(connections, std::chrono::milliseconds(longestMs)).window(), std::chrono::milliseconds(windowMs));
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
        const DrainPlan plan(connections, std::chrono::milliseconds(longestMs));
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
        QCOMPARE(DrainPlan(4000, 20s).due(19'994ms), 3999);
        QCOMPARE(DrainPlan(4000, 20s).due(19'995ms), 4000);
        QCOMPARE(DrainPlan(1, 20s).due(0ms), 1); // a single client waits for nobody
    }

    void closesAllAtOnceWithoutAWindow()
    {
        QCOMPARE(DrainPlan(5000, 0ms).due(0ms), 5000);
        QCOMPARE(DrainPlan(5000, -1ms).due(0ms), 5000);
    }

    void nobodyIsNeverDue()
    {
        QCOMPARE(DrainPlan(0, 20s).due(0ms), 0);
        QCOMPARE(DrainPlan(0, 20s).due(30s), 0);
        QCOMPARE(DrainPlan(0, 0ms).due(0ms), 0);
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
        const DrainPlan plan(connections, 20s);
        for (const auto elapsed : { 0ms, 1ms, plan.window() / 2, plan.window() - 1ms })
            QVERIFY(
                std::chrono::seconds(plan.reconnectDelay(elapsed, 0)) + elapsed >= plan.window() + DrainPlan::kRestart);
        QCOMPARE(plan.reconnectDelay(plan.window(), 0), 1);
        QCOMPARE(plan.reconnectDelay(plan.window() + 5s, 0), 1);
    }

    void theReturnsAreSpreadOverAnotherWindow()
    {
        const DrainPlan plan(2000, 20s);
        std::set<qint64> delays;
        for (int i = 0; i < 1000; ++i)
            delays.insert(plan.reconnectDelay(20s, i / 1000.0));
        QCOMPARE(delays.size(), 20U);
        QCOMPARE(*delays.begin(), 1);
        QCOMPARE(*delays.rbegin(), 20);
    }

    void theReturnsOfFewAreSoon()
    {
        QCOMPARE(DrainPlan(3, 20s).reconnectDelay(0ms, 0.999), 1);
        QCOMPARE(DrainPlan(3, 0s).reconnectDelay(0ms, 0.999), 1);
        QCOMPARE(DrainPlan(150, 20s).reconnectDelay(0ms, 0), 2);
        QCOMPARE(DrainPlan(150, 20s).reconnectDelay(0ms, 0.999), 3);
    }

    void theReturnsOfManyAreSpreadWithoutAWindowToo()
    {
        const DrainPlan plan(1000, 0ms);
        QCOMPARE(plan.reconnectDelay(0ms, 0), 1);
        QCOMPARE(plan.reconnectDelay(0ms, 0.999), DrainPlan::kLeastSpread / 1s);
    }
};

QTEST_APPLESS_MAIN(TestDrainPlan)
#include "tst_drainplan.moc"
