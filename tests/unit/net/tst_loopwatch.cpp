// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include "server/net/loopwatch.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestLoopWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLoopThatTurnsIsNotBlocked()
    {
        FakeClock clock;
        LoopWatch watch;
        LoopWatch::Pulse pulse(watch, clock.monotonic());
        for (int i = 0; i < 100; ++i) {
            clock.advance(900ms);
            QCOMPARE(watch.blockedFor(clock.monotonic()), 0ms);
            pulse.beat(clock.monotonic());
        }
        QCOMPARE(watch.blockedTimes(), 0);
        QCOMPARE(watch.blockedTime(), 0ms);
    }

    void seesABlockedOneWhileItIsAndAfterwards()
    {
        FakeClock clock;
        LoopWatch watch;
        LoopWatch::Pulse turning(watch, clock.monotonic());
        LoopWatch::Pulse blocked(watch, clock.monotonic());
        for (int i = 0; i < 20; ++i) {
            clock.advance(100ms);
            turning.beat(clock.monotonic());
        }
        QCOMPARE(watch.blockedFor(clock.monotonic()), 2s);
        QCOMPARE(watch.blockedTimes(), 0); // it is not over
        blocked.beat(clock.monotonic());
        QCOMPARE(watch.blockedFor(clock.monotonic()), 0ms);
        QCOMPARE(watch.blockedTimes(), 1);
        QCOMPARE(watch.blockedTime(), 2s);
    }

    void forgetsALoopThatHasEnded()
    {
        FakeClock clock;
        LoopWatch watch;
        auto pulse = std::make_unique<LoopWatch::Pulse>(watch, clock.monotonic());
        clock.advance(5s);
        QCOMPARE(watch.blockedFor(clock.monotonic()), 5s);
        pulse.reset();
        QCOMPARE(watch.blockedFor(clock.monotonic()), 0ms);
        QCOMPARE(watch.blockedTimes(), 0);
    }
};

QTEST_GUILESS_MAIN(TestLoopWatch)
#include "tst_loopwatch.moc"
