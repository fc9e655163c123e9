// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/redis/redisclockprobe.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakerediscalls.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture
{
    FakeClock own;
    RedisClock clock{ own };
    FakeRedisCalls redis;
    RecordingLog log;
    RedisClockProbe probe{ redis, clock, log };

    void answer(std::chrono::milliseconds ahead)
    {
        const qint64 millis = (own.utc() + ahead).time_since_epoch().count();
        redis.answer(textsReply({ QByteArray::number(millis / 1000), QByteArray::number(millis % 1000 * 1000 + 999) }));
    }
};

} // namespace

class TestRedisClockProbe final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksAsSoonAsTheLinkIsUp()
    {
        Fixture f;
        f.probe.linkUp();
        QCOMPARE(f.redis.calls.size(), 1U);
        QCOMPARE(f.redis.calls.front().command, QByteArrayList{ "TIME" });
        f.own.advance(20ms);
        f.answer(1h);
        QCOMPARE(f.clock.skew(), std::optional(-(1h + 10ms))); // half of the way
    }

    void doesNotAskWhileItIsDown()
    {
        Fixture f;
        f.redis.isLinkUp = false;
        f.probe.ask();
        QVERIFY(f.redis.calls.empty());
    }

    void passesOverWhatIsNoTime()
    {
        Fixture f;
        const std::vector<RedisReply> nonsense{ textReply("12"), textsReply({}), textsReply({ "1" }),
            textsReply({ "x", "1" }), textsReply({ "1", "x" }), textsReply({ "-1", "0" }),
            textsReply({ "1", "1000000" }), textsReply({ "1", "-1" }), textsReply({ "999999999999999", "0" }),
            textsReply({ "1", "2", "3" }) };
        for (const RedisReply &reply : nonsense) {
            f.probe.ask();
            f.redis.answer(reply);
        }
        f.probe.ask();
        f.redis.fail(rediserrors::kLate);
        QVERIFY(!f.clock.skew());
        QCOMPARE(f.clock.utc(), f.own.utc());
    }

    void tellsOnceThatTheClockIsOffAndOnceThatItIsRight()
    {
        Fixture f;
        const auto asked = [&f](std::chrono::milliseconds ahead) {
            f.probe.ask();
            f.answer(ahead);
        };
        asked(1900ms);
        QVERIFY(f.log.lines("clock_skew"_L1).empty());
        f.probe.linkUp();
        f.answer(-5s);
        asked(-5s);
        QCOMPARE(f.log.lines("clock_skew"_L1).size(), 1U);
        QVERIFY(f.log.lines("clock_agrees"_L1).empty());
        asked(0s);
        asked(0s);
        QCOMPARE(f.log.lines("clock_agrees"_L1).size(), 1U);
        QCOMPARE(f.log.lines("clock_skew"_L1).size(), 1U);
    }
};

QTEST_GUILESS_MAIN(TestRedisClockProbe)
#include "tst_redisclockprobe.moc"
