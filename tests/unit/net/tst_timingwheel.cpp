// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/net/timingwheel.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestTimingWheel : public QObject
{
    Q_OBJECT

    FakeClock m_clock;

    void run(TimingWheel &wheel, std::chrono::milliseconds time)
    {
        for (auto passed = 0ms; passed < time; passed += 100ms) {
            m_clock.advance(100ms);
            wheel.advance();
        }
    }

private Q_SLOTS:
    void expiresNeverEarlyAndAtMostATickLate_data()
    {
        QTest::addColumn<int>("millis");
        for (const int millis : { 0, 1, 99, 100, 101, 5000, 25'000, 51'100, 51'200, 51'300, 200'000 })
            QTest::addRow("%d", millis) << millis;
    }
    void expiresNeverEarlyAndAtMostATickLate()
    {
        QFETCH(int, millis);
        TimingWheel wheel(m_clock);
        m_clock.advance(37ms); // between two ticks
        std::optional<MonoTime> expiredAt;
        const std::function<void()> note = [&] { expiredAt = m_clock.monotonic(); };
        WheelTimer timer([&note] { note(); });
        const MonoTime due = m_clock.monotonic() + std::chrono::milliseconds(millis);
        wheel.start(timer, std::chrono::milliseconds(millis));
        QVERIFY(timer.isActive());
        run(wheel, std::chrono::milliseconds(millis) + 300ms);
        QVERIFY(expiredAt);
        QVERIFY(*expiredAt >= due);
        QVERIFY(*expiredAt - due <= 200ms);
        QVERIFY(!timer.isActive());
    }

    void cancelsAndRestarts()
    {
        TimingWheel wheel(m_clock);
        int count = 0;
        WheelTimer timer([&] { ++count; });
        wheel.start(timer, 1s);
        timer.cancel();
        run(wheel, 2s);
        QCOMPARE(count, 0);
        wheel.start(timer, 1s);
        wheel.start(timer, 3s); // moves the deadline
        run(wheel, 2s);
        QCOMPARE(count, 0);
        run(wheel, 2s);
        QCOMPARE(count, 1);
    }

    void letsACallbackDoAnything()
    {
        TimingWheel wheel(m_clock);
        int count = 0;
        std::unique_ptr<WheelTimer> victim;
        std::unique_ptr<WheelTimer> self;
        std::function<void()> restart;
        WheelTimer again([&restart] { restart(); });
        restart = [&] {
            if (++count < 3)
                wheel.start(again, 1s);
        };
        victim = std::make_unique<WheelTimer>([] { QFAIL("was destroyed before"); });
        const std::function<void()> destroy = [&] {
            victim.reset();
            self.reset();
        };
        self = std::make_unique<WheelTimer>([&destroy] { destroy(); });
        wheel.start(again, 1s);
        wheel.start(*victim, 1s); // of one slot: the later started expires first
        wheel.start(*self, 900ms);
        run(wheel, 5s);
        QCOMPARE(count, 3);
        QVERIFY(!self);
    }

    void aStallMakesNobodyLate()
    {
        TimingWheel wheel(m_clock);
        bool hasExpired = false;
        WheelTimer pong([&] { hasExpired = true; });
        wheel.start(pong, 10s);
        run(wheel, 1s);
        m_clock.advance(60s); // the process was stopped
        wheel.advance();
        QVERIFY(!hasExpired);
        run(wheel, 8s);
        QVERIFY(!hasExpired);
        run(wheel, 2s);
        QVERIFY(hasExpired);
    }

    void isNotLateWhenStartedRightAfterAStall()
    {
        TimingWheel wheel(m_clock);
        run(wheel, 1s);
        m_clock.advance(60s); // the process was stopped, and a client is heard before the wheel is
        bool hasExpired = false;
        WheelTimer head([&] { hasExpired = true; });
        wheel.start(head, 5s);
        wheel.advance();
        run(wheel, 4800ms);
        QVERIFY(!hasExpired);
        run(wheel, 400ms);
        QVERIFY(hasExpired);
    }

    void ignoresTheWallClock()
    {
        TimingWheel wheel(m_clock);
        bool hasExpired = false;
        WheelTimer timer([&] { hasExpired = true; });
        wheel.start(timer, 10s);
        m_clock.jumpUtc(24h);
        run(wheel, 9s);
        QVERIFY(!hasExpired);
        m_clock.jumpUtc(-48h);
        run(wheel, 2s);
        QVERIFY(hasExpired);
    }

    void expiresADateAtItsMoment_data()
    {
        QTest::addColumn<int>("seconds");
        for (const int seconds : { 0, 1, 30, 51, 52, 3600 })
            QTest::addRow("%d", seconds) << seconds;
    }
    void expiresADateAtItsMoment()
    {
        QFETCH(int, seconds);
        TimingWheel dates(m_clock, TimingWheel::Measures::Dates);
        m_clock.advance(37ms);
        bool hasExpired = false;
        WheelTimer token([&] { hasExpired = true; });
        dates.start(token, std::chrono::seconds(seconds));
        if (seconds > 0) {
            run(dates, std::chrono::seconds(seconds) - 100ms);
            QVERIFY(!hasExpired);
        }
        run(dates, 300ms);
        QVERIFY(hasExpired);
    }

    /// The process was stopped, the machine slept, or somebody set the clock: what has ended meanwhile has ended.
    void aDateComesWhetherTheProcessRunsOrNot_data()
    {
        QTest::addColumn<int>("stoppedSeconds");
        QTest::addColumn<int>("steppedSeconds");
        QTest::newRow("stopped") << 60 << 0;
        QTest::newRow("stopped for a day") << 86'400 << 0;
        QTest::newRow("the machine slept") << 0 << 60;
        QTest::newRow("set by a day") << 0 << 86'400;
        QTest::newRow("both") << 15 << 15;
    }
    void aDateComesWhetherTheProcessRunsOrNot()
    {
        QFETCH(int, stoppedSeconds);
        QFETCH(int, steppedSeconds);
        TimingWheel dates(m_clock, TimingWheel::Measures::Dates);
        int ended = 0;
        WheelTimer first([&] { ++ended; });
        WheelTimer second([&] { ++ended; });
        WheelTimer far([&] { ++ended; });
        dates.start(first, 3s);
        dates.start(second, 20s);
        dates.start(far, 48h);
        run(dates, 1s);
        m_clock.advance(std::chrono::seconds(stoppedSeconds));
        m_clock.jumpUtc(std::chrono::seconds(steppedSeconds));
        dates.advance();
        QCOMPARE(ended, 2);
        QVERIFY(far.isActive());
    }

    void aClockThatIsSetBackDefersADate()
    {
        TimingWheel dates(m_clock, TimingWheel::Measures::Dates);
        run(dates, 10s);
        int ended = 0;
        WheelTimer before([&] { ++ended; });
        WheelTimer after([&] { ++ended; });
        dates.start(before, 5s);
        m_clock.jumpUtc(-1h);
        dates.start(after, 5s); // of the new time: an hour before what the wheel had reached
        run(dates, 4900ms);
        QCOMPARE(ended, 0);
        run(dates, 300ms);
        QCOMPARE(ended, 1);
        QVERIFY(before.isActive());
        m_clock.jumpUtc(1h);
        dates.advance();
        QCOMPARE(ended, 2);
    }

    void aClockBeforeTheEpochDoesNoHarm()
    {
        m_clock.jumpUtc(-std::chrono::hours(24 * 365 * 100));
        TimingWheel dates(m_clock, TimingWheel::Measures::Dates);
        bool hasExpired = false;
        WheelTimer token([&] { hasExpired = true; });
        dates.start(token, 1s);
        run(dates, 2s);
        QVERIFY(!hasExpired);
        m_clock.jumpUtc(std::chrono::hours(24 * 365 * 100));
        dates.advance();
        QVERIFY(hasExpired);
    }

    void holdsManyTimers()
    {
        TimingWheel wheel(m_clock);
        int count = 0;
        std::vector<std::unique_ptr<WheelTimer>> timers;
        QRandomGenerator random(42);
        for (int i = 0; i < 10'000; ++i) {
            timers.push_back(std::make_unique<WheelTimer>([&count] { ++count; }));
            wheel.start(*timers.back(), std::chrono::milliseconds(random.bounded(100'000)));
        }
        for (size_t i = 0; i < timers.size(); i += 2)
            timers[i].reset();
        run(wheel, 101s);
        QCOMPARE(count, 5000);
    }
};

QTEST_APPLESS_MAIN(TestTimingWheel)
#include "tst_timingwheel.moc"
