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
    void spreadsTheClosingsEvenly_data()
    {
        QTest::addColumn<int>("connections");
        QTest::addColumn<int>("windowMs");
        QTest::newRow("one") << 1 << 20'000;
        QTest::newRow("two") << 2 << 20'000;
        QTest::newRow("fewer than ticks") << 7 << 20'000;
        QTest::newRow("many") << 19'999 << 20'000;
        QTest::newRow("more than milliseconds") << 100'000 << 1'000;
        QTest::newRow("the longest window") << 1'000'000 << 600'000;
    }
    void spreadsTheClosingsEvenly()
    {
        QFETCH(int, connections);
        QFETCH(int, windowMs);
        const DrainPlan plan(connections, std::chrono::milliseconds(windowMs));
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
        QCOMPARE(DrainPlan(4, 20s).due(14'999ms), 3);
        QCOMPARE(DrainPlan(4, 20s).due(15s), 4);
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

    void nobodyIsAskedBackWhileTheServerDrains()
    {
        const DrainPlan plan(100, 20s);
        for (const auto elapsed : { 0ms, 1ms, 9'999ms, 19'999ms })
            QVERIFY(std::chrono::seconds(plan.reconnectDelay(elapsed, 0)) + elapsed > 20s);
        QCOMPARE(plan.reconnectDelay(20s, 0), 1);
        QCOMPARE(plan.reconnectDelay(25s, 0), 1);
    }

    void theReturnsAreSpreadOverAnotherWindow()
    {
        const DrainPlan plan(100, 20s);
        std::set<qint64> delays;
        for (int i = 0; i < 1000; ++i)
            delays.insert(plan.reconnectDelay(20s, i / 1000.0));
        QCOMPARE(delays.size(), 20U);
        QCOMPARE(*delays.begin(), 1);
        QCOMPARE(*delays.rbegin(), 20);
    }

    void theReturnsAreSpreadWithoutAWindowToo()
    {
        const DrainPlan plan(100, 0ms);
        QCOMPARE(plan.reconnectDelay(0ms, 0), 1);
        QCOMPARE(plan.reconnectDelay(0ms, 0.999), DrainPlan::kLeastSpreadSeconds);
    }
};

QTEST_APPLESS_MAIN(TestDrainPlan)
#include "tst_drainplan.moc"
