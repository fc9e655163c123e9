// SPDX-License-Identifier: GPL-3.0-or-later
#include <deque>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/rollingwindow.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestRollingWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsExactlyWhileFew()
    {
        RollingWindow window(60s);
        const MonoTime start{};
        for (int i = 0; i < 10; ++i)
            window.add(start + i * 1s);
        QCOMPARE(window.count(start + 9s), 10);
        QCOMPARE(window.count(start + 60s - 1ms), 10);
        QCOMPARE(window.count(start + 60s), 9);
        QCOMPARE(window.count(start + 68s), 1);
        QVERIFY(window.isEmpty(start + 69s));
    }

    void tellsTheExactWait()
    {
        RollingWindow window(3600s);
        const MonoTime start{};
        for (int i = 0; i < 10; ++i)
            window.add(start + i * 10s);
        QCOMPARE(window.waitUntilBelow(10, start + 100s), 3500s);
        QCOMPARE(window.waitUntilBelow(8, start + 100s), 3520s);
        QCOMPARE(window.waitUntilBelow(11, start + 100s), 0ms);
        QCOMPARE(window.waitUntilBelow(10, start + 3600s), 0ms);
    }

    void takesTheLatestBack()
    {
        RollingWindow window(60s);
        const MonoTime start{};
        window.remove(start); // nothing to take back
        window.add(start);
        window.add(start + 1s);
        window.remove(start + 1s);
        QCOMPARE(window.count(start + 1s), 1);
        QVERIFY(window.isEmpty(start + 60s));
    }

    /// Against a log of every event: never fewer, and no event counted more than 1 % of the window too long.
    void neverUndercounts_data()
    {
        QTest::addColumn<int>("meanGapMillis");
        QTest::newRow("a flood") << 1;
        QTest::newRow("dense") << 40;
        QTest::newRow("about the limit") << 1000;
        QTest::newRow("sparse") << 9000;
    }
    void neverUndercounts()
    {
        QFETCH(int, meanGapMillis);
        constexpr std::chrono::milliseconds kLength = 60s;
        RollingWindow window(kLength);
        std::deque<MonoTime> log;
        QRandomGenerator random(4711);
        MonoTime now{};
        for (int i = 0; i < 4000; ++i) {
            now += std::chrono::milliseconds(random.bounded(2 * meanGapMillis + 1));
            window.add(now);
            log.push_back(now);
            while (log.front() + kLength + kLength / 100 <= now)
                log.pop_front();
            const qint64 exact
                = std::count_if(log.begin(), log.end(), [now, kLength](MonoTime at) { return at + kLength > now; });
            const qint64 counted = window.count(now);
            QVERIFY2(counted >= exact, "fewer than there were");
            QVERIFY2(counted <= qint64(log.size()), "an event was counted more than 1 % of the window too long");
        }
    }
};

QTEST_APPLESS_MAIN(TestRollingWindow)
#include "tst_rollingwindow.moc"
