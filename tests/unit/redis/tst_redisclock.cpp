// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/redis/redisclock.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestRedisClock final : public QObject
{
    Q_OBJECT

private:
    struct Fixture
    {
        FakeClock own;
        RedisClock clock{ own };

        /// Redis, whose clock is ahead by so much, is asked; there and back take so long.
        void ask(std::chrono::milliseconds ahead, std::chrono::milliseconds there = 1ms,
            std::chrono::milliseconds back = 1ms)
        {
            const MonoTime sentAt = clock.monotonic();
            own.advance(there);
            const UtcTime redis = own.utc() + ahead;
            own.advance(back);
            clock.answered(sentAt, redis);
        }
        std::chrono::milliseconds applied() const { return clock.utc() - own.utc(); }
    };

private Q_SLOTS:
    void isTheOwnUntilRedisAnswers()
    {
        Fixture f;
        QCOMPARE(f.clock.utc(), f.own.utc());
        QCOMPARE(f.clock.monotonic(), f.own.monotonic());
        QVERIFY(!f.clock.skew());
    }

    void goesByRedis_data()
    {
        QTest::addColumn<qint64>("aheadMillis");
        QTest::newRow("an hour behind") << qint64(-3'600'000);
        QTest::newRow("an hour ahead") << qint64(3'600'000);
        QTest::newRow("two seconds") << qint64(2'000);
        QTest::newRow("a year") << qint64(31'536'000'000);
    }
    void goesByRedis()
    {
        QFETCH(qint64, aheadMillis);
        const std::chrono::milliseconds ahead(aheadMillis);
        Fixture f;
        f.ask(ahead);
        QCOMPARE(f.applied(), ahead);
        QCOMPARE(f.clock.skew(), std::optional(-ahead));
        QCOMPARE(f.clock.toOwn(f.clock.utc()), f.own.utc());
        f.own.advance(10min); // Redis may be away
        QCOMPARE(f.applied(), ahead);
    }

    void smallDifferencesAreLeftOut()
    {
        Fixture f;
        f.ask(90ms);
        QCOMPARE(f.applied(), 0ms);
        QCOMPARE(f.clock.skew(), std::optional(-90ms)); // but told
        for (int i = 0; i < 20; ++i)
            f.ask(i % 2 ? 40ms : -40ms);
        QCOMPARE(f.applied(), 0ms);
    }

    void theShortestTripCounts()
    {
        Fixture f;
        f.ask(5s, 400ms, 0ms); // wrong by 200 ms
        QCOMPARE(f.applied(), 5200ms);
        f.ask(5s, 3ms, 3ms);
        QCOMPARE(f.clock.skew(), std::optional(-5000ms));
        f.ask(5s, 0ms, 900ms);
        f.ask(5s, 700ms, 0ms);
        QCOMPARE(f.clock.skew(), std::optional(-5000ms));
        QCOMPARE(f.applied(), 5s);
    }

    void aShortTripDoesNotCountForEver()
    {
        Fixture f;
        f.ask(5s);
        for (size_t i = 0; i < RedisClock::kAnswers; ++i)
            f.ask(5s + 2ms * int(i), 10ms, 10ms); // clocks drift
        QVERIFY(std::chrono::abs(*f.clock.skew() + 5s) > 0ms);
        QVERIFY(std::chrono::abs(*f.clock.skew() + 5s) < 30ms);
    }

    void aClockThatWasSetIsNoticedAtOnce()
    {
        Fixture f;
        for (int i = 0; i < 8; ++i)
            f.ask(0ms);
        f.own.jumpUtc(-1h);    // this machine's
        f.ask(1h, 50ms, 50ms); // worse than all before, and yet the only one that is right
        QCOMPARE(f.applied(), 1h);
        f.own.jumpUtc(1h);
        f.ask(0ms, 50ms, 50ms);
        QCOMPARE(f.applied(), 0ms);
    }

    void anotherRedisBeginsAnew()
    {
        Fixture f;
        f.ask(1h);
        f.clock.forgetAnswers();
        QCOMPARE(f.applied(), std::chrono::milliseconds(1h)); // until it has answered
        f.ask(1h + 150ms, 100ms, 100ms);
        QCOMPARE(f.applied(), 1h + 150ms);
    }
};

QTEST_GUILESS_MAIN(TestRedisClock)
#include "tst_redisclock.moc"
