// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/delivery/ephemeralcodec.h"
#include "server/cluster/delivery/redisbus.h"
#include "server/notify/notificationmessages.h"
#include "tests/support/fakechannel.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

Delivery stored(qint64 sequence)
{
    return { ToAll{}, "{}", sequence };
}

Delivery ephemeral()
{
    const Notification notification{ u"01ARZ3NDEKTSV4RRFFQ69G5FAV"_s, u"Hi"_s, {}, u"info"_s, QJsonValue::Null, {},
        false };
    return { ToUsers{ { u"42"_s } }, notificationMessage(notification, {}), 0, true };
}

struct Fixture
{
    FakeClock clock;
    RecordingLog log;
    FakeChannel channel;
    QByteArrayList published;
    ClusterPubSub pubSub{ u"run-a"_s,
        [this](const QByteArray &, const QByteArray &payload) { published.append(payload); }, clock, log };
    RedisClock shared{ clock };
    RedisBus bus{ channel, pubSub, shared };
    QList<qint64> answers;
    int taken = 0;

    void fanOut(std::vector<Delivery> deliveries)
    {
        bus.fanOut(std::move(deliveries), [this](qint64 reached) { answers.append(reached); });
    }
    void arrive(std::vector<Delivery> deliveries)
    {
        bus.arrived({ std::move(deliveries) }, [this] { ++taken; });
    }
};

} // namespace

class TestRedisBus final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatEndsIsHandedOverByTheOwnClock()
    {
        Fixture f;
        const MonoTime sentAt = f.clock.monotonic();
        f.shared.answered(sentAt, f.clock.utc() + 1h); // Redis is an hour ahead
        Delivery ending = stored(11);
        ending.expiresAt = f.shared.utc() + 10min;
        f.arrive({ ending, stored(12) });
        QCOMPARE(f.channel.deliveries.size(), 2U);
        QCOMPARE(f.channel.deliveries[0].expiresAt, std::optional(f.clock.utc() + 10min));
        QVERIFY(!f.channel.deliveries[1].expiresAt);
        Delivery brief = ephemeral();
        brief.expiresAt = f.shared.utc() + 5min;
        f.fanOut({ brief });
        QCOMPARE(f.channel.deliveries.back().expiresAt, std::optional(f.clock.utc() + 5min));
        const std::optional<Delivery> told = ephemeralcodec::decode(f.published.back(), u"run-b"_s);
        QCOMPARE(told->expiresAt, brief.expiresAt); // and to the others by Redis' clock
    }

    void answersWhenTheStreamHasBroughtAll()
    {
        Fixture f;
        f.fanOut({ stored(11), stored(12) });
        QVERIFY(f.channel.deliveries.empty()); // only by the stream, so that the order is everybody's
        f.arrive({ stored(10), stored(11) });
        QCOMPARE(f.answers.size(), 0);
        f.arrive({ stored(12) });
        QCOMPARE(f.answers, QList<qint64>{ 4 });
        QCOMPARE(f.taken, 2);
        QCOMPARE(f.channel.batches, (std::vector<size_t>{ 2, 1 }));
    }

    void theStreamMayBeFaster()
    {
        Fixture f;
        f.arrive({ stored(11), stored(12) });
        f.fanOut({ stored(12), stored(13) });
        QCOMPARE(f.answers.size(), 0);
        f.arrive({ stored(13) });
        QCOMPARE(f.answers, QList<qint64>{ 4 });
    }

    void doesNotWaitForever()
    {
        Fixture f;
        f.fanOut({ stored(11), stored(12) });
        f.clock.advance(std::chrono::milliseconds(100));
        f.fanOut({ stored(13) });
        f.arrive({ stored(11) });
        f.clock.advance(std::chrono::milliseconds(149));
        f.bus.checkDeadlines();
        QCOMPARE(f.answers.size(), 0);
        f.clock.advance(std::chrono::milliseconds(1));
        f.bus.checkDeadlines();
        QCOMPARE(f.answers, QList<qint64>{ 2 }); // what it knows
        f.arrive({ stored(12), stored(13) });    // late: nobody is answered twice
        QCOMPARE(f.answers, (QList<qint64>{ 2, 2 }));
        f.clock.advance(std::chrono::seconds(1));
        f.bus.checkDeadlines();
        QCOMPARE(f.answers.size(), 2);
    }

    void asksByItself()
    {
        Fixture f;
        f.fanOut({ stored(11) });
        f.clock.advance(std::chrono::milliseconds(250));
        QTRY_COMPARE(f.answers, QList<qint64>{ 0 });
    }

    void isTakenWhenTheWorkersHaveIt()
    {
        Fixture f;
        f.channel.isHolding = true;
        f.arrive({ stored(11) });
        QCOMPARE(f.taken, 0);
        f.channel.held.at(0)({ 5 });
        QCOMPARE(f.taken, 1);
        f.fanOut({ stored(11) });
        QCOMPARE(f.answers, QList<qint64>{ 5 });
    }

    void looksUpWhatWasMissedInBetween()
    {
        Fixture f;
        f.bus.arrived({ { stored(1) }, Cursor{ 7, 1 }, { stored(5) } }, [&f] { ++f.taken; });
        QCOMPARE(f.channel.catchUps, std::vector<Cursor>({ Cursor{ 7, 1 } }));
        QCOMPARE(f.channel.deliveriesBeforeCatchUp, size_t(1));
        QCOMPARE(f.channel.deliveries.size(), size_t(2));
        QCOMPARE(f.taken, 1);
    }

    void ephemeralOnesAreDeliveredHereAndTold()
    {
        Fixture f;
        f.fanOut({ ephemeral(), stored(11) });
        QCOMPARE(f.channel.deliveries.size(), size_t(1));
        QCOMPARE(f.channel.deliveries[0].sequence, 0);
        QCOMPARE(f.published.size(), 1);
        QCOMPARE(f.answers.size(), 0);
        f.arrive({ stored(11) });
        QCOMPARE(f.answers, QList<qint64>{ 4 });
    }

    void takesThoseOfOtherNodesAndNotItsOwn()
    {
        Fixture f;
        f.pubSub.received(ClusterPubSub::kEphemeral, ephemeralcodec::encode(ephemeral(), u"run-a"_s));
        f.pubSub.received(ClusterPubSub::kEphemeral, ephemeralcodec::encode(ephemeral(), u"run-b"_s));
        f.pubSub.received(ClusterPubSub::kEphemeral, "nonsense");
        QCoreApplication::processEvents();
        QCOMPARE(f.channel.deliveries.size(), size_t(1));
        QVERIFY(f.channel.deliveries[0].isDroppable);
        QCOMPARE(f.channel.deliveries[0].message, ephemeral().message);
        QCOMPARE(f.pubSub.refused(), 1);
    }

    void remembersInBounds()
    {
        Fixture f;
        for (qint64 sequence = 1; sequence <= qint64(RedisBus::kRemembered) + 10; ++sequence)
            f.arrive({ stored(sequence) });
        f.fanOut({ stored(1) }); // long forgotten
        QCOMPARE(f.answers.size(), 0);
        f.fanOut({ stored(qint64(RedisBus::kRemembered)) });
        QCOMPARE(f.answers, QList<qint64>{ 2 });
    }
};

QTEST_GUILESS_MAIN(TestRedisBus)
#include "tst_redisbus.moc"
