// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/cluster/admission/clusterlimits.h"
#include "server/cluster/scripts/scripts.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakeredis.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const Error kDown{ u"not connected"_s, rediserrors::kDown };

AddressKey bucketOf(quint32 address)
{
    return AddressKey::of(IpAddress::fromIpv4(address));
}

struct Fixture
{
    explicit Fixture(bool dividesLimits = false)
        : terms{ 500ms, dividesLimits }
    {
    }

    FakeClock clock;
    FakeRedis redis;
    std::vector<PeerAdmissionState> states;
    AdmissionTerms terms;
    ClusterLimits limits{ { u"node-a"_s, u"RUN"_s, u"1"_s, u"http://a"_s }, terms, redis, clock,
        [this](const PeerAdmissionState &state) { states.push_back(state); } };
    LimitSnapshotPtr snapshot = std::make_shared<const LimitSnapshot>();
    std::vector<PeerVerdict> verdicts;

    /// Everything that was posted to the limits is done.
    static void turn() { QCoreApplication::sendPostedEvents(); }
    void ask(const QString &user = u"42"_s)
    {
        limits.ask(
            { bucketOf(1), user, true, snapshot }, [this](const PeerVerdict &verdict) { verdicts.push_back(verdict); });
        turn();
    }
    /// The heartbeat and the counts.
    void join(qint64 nodes = 2)
    {
        limits.linkUp();
        redis.answer(FakeRedis::integers({ 0, nodes, 0 }));
        redis.answer(FakeRedis::integer(0)); // UNLINK
        while (redis.asked.front().script == &scripts::setCounts())
            redis.answer(FakeRedis::integer(1));
        QCOMPARE(redis.asked.front().script, &scripts::adoptCounts());
        redis.answer(FakeRedis::integer(1));
        QVERIFY(limits.isSharing());
    }
    void probeWell()
    {
        for (int i = 0; i < CircuitBreaker::kGoodProbes; ++i) {
            QVERIFY(!limits.isSharing());
            limits.probe();
            redis.answer(FakeRedis::integers({ 1, 2, 0 }));
        }
        while (!redis.asked.empty() && redis.asked.front().script == &scripts::setCounts())
            redis.answer(FakeRedis::integer(1));
    }
    void miss()
    {
        clock.advance(terms.timeout);
        limits.answerOverdue();
    }
};

const std::vector<qint64> kAdmitted{ 1, 0, 0, 0, 0, 0, 1234, 0, 3 };

} // namespace

class TestClusterLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sharesOnceRedisHoldsEverything()
    {
        Fixture fixture;
        QVERIFY(!fixture.limits.isSharing());
        QVERIFY(!fixture.limits.isSettled());
        QCOMPARE(fixture.limits.nodes(), 1);
        fixture.limits.enter(bucketOf(1), u"42"_s);
        fixture.limits.enter(std::nullopt, u"42"_s);
        Fixture::turn();
        QVERIFY(fixture.redis.asked.empty());
        fixture.limits.linkUp();
        const FakeRedis::Asked beat = fixture.redis.answer(FakeRedis::integers({ 0, 3, 0 }));
        QCOMPARE(beat.script, &scripts::heartbeat());
        QCOMPARE(beat.arguments.value(1), "node-a");
        QCOMPARE(fixture.limits.nodes(), 3);
        fixture.redis.answer(FakeRedis::integer(0));
        const FakeRedis::Asked counts = fixture.redis.answer(FakeRedis::integer(1));
        QCOMPARE(counts.keys.value(0), "gatehouse:open:a:RUN:next");
        QCOMPARE(counts.arguments, QByteArrayList({ "1", "0.0.0.1", "1", "42", "2" }));
        fixture.redis.answer(FakeRedis::integer(1));
        QVERIFY(fixture.limits.isSharing()); // what was answered is all that it takes
        QVERIFY(fixture.limits.isSettled());
        QCOMPARE(fixture.states.size(), 1U);
        QVERIFY(fixture.limits.state().isReachable);
    }

    void asksAndCountsWhatIsAdmitted()
    {
        Fixture fixture;
        fixture.join();
        fixture.ask();
        const FakeRedis::Asked asked = fixture.redis.answer(FakeRedis::integers(kAdmitted));
        QCOMPARE(asked.script, &scripts::admit());
        QCOMPARE(asked.arguments.mid(0, 3), QByteArrayList({ "RUN", "0.0.0.1", "42" }));
        QCOMPARE(fixture.verdicts.size(), 1U);
        QCOMPARE(fixture.verdicts[0].kind, PeerVerdict::Kind::Admitted);
        QCOMPARE(fixture.verdicts[0].countedAt, 1234);
        QCOMPARE(fixture.limits.nodes(), 3);
        fixture.limits.leave(bucketOf(1));
        fixture.limits.leave(u"42"_s);
        Fixture::turn();
        const FakeRedis::Asked released = fixture.redis.answer(FakeRedis::integer(1));
        QCOMPARE(released.script, &scripts::release());
        QCOMPARE(released.arguments, QByteArrayList({ "1", "0.0.0.1", "42" }));
        QVERIFY(fixture.redis.asked.empty());
    }

    void saysWhichLimitsAreExceededOverAllNodes()
    {
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.redis.answer(FakeRedis::integers({ 0, 4, 10, 90'000, -1, 0, 0, 1, 3 }));
        const PeerVerdict &verdict = fixture.verdicts.at(0);
        QCOMPARE(verdict.kind, PeerVerdict::Kind::Refused);
        QCOMPARE(verdict.findings.size(), 1U);
        QCOMPARE(verdict.findings[0].reason, Reason::TooManyReconnects);
        QCOMPARE(*verdict.findings[0].observed, 11);
        QCOMPARE(verdict.findings[0].exactWait, 90s);
        QVERIFY(fixture.limits.hasGrants());
    }

    void answersThatAreNoneAreNone_data()
    {
        QTest::addColumn<std::vector<qint64>>("values");
        QTest::newRow("none") << std::vector<qint64>{};
        QTest::newRow("too few") << std::vector<qint64>{ 1, 0 };
        QTest::newRow("refused for nothing") << std::vector<qint64>{ 0, 0, 0, 0, 0, 0, 0, 0, 3 };
        QTest::newRow("admitted over the limit") << std::vector<qint64>{ 1, 5, 0, 0, 0, 0, 1234, 0, 3 };
    }

    void answersThatAreNoneAreNone()
    {
        QFETCH(std::vector<qint64>, values);
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.redis.answer(FakeRedis::integers(values));
        QCOMPARE(fixture.verdicts.at(0).kind, PeerVerdict::Kind::NoAnswer);
        QCOMPARE(fixture.limits.missedAnswers(), 1);
    }

    void whatComesLateIsMadeGood_data()
    {
        QTest::addColumn<bool>("isOpen");
        QTest::addColumn<bool>("isSettledFirst");
        QTest::addColumn<bool>("isAdmitted");
        for (int i = 0; i < 8; ++i)
            QTest::addRow("%d", i) << bool(i & 1) << bool(i & 2) << bool(i & 4);
    }

    void whatComesLateIsMadeGood()
    {
        QFETCH(bool, isOpen);
        QFETCH(bool, isSettledFirst);
        QFETCH(bool, isAdmitted);
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.miss();
        QCOMPARE(fixture.verdicts.size(), 1U);
        QCOMPARE(fixture.verdicts[0].kind, PeerVerdict::Kind::NoAnswer);
        QVERIFY(fixture.limits.isReachable()); // one says little
        const auto settle = [&] {
            fixture.limits.settle(fixture.verdicts[0].id, isOpen);
            Fixture::turn();
        };
        if (isSettledFirst)
            settle();
        fixture.redis.answer(
            FakeRedis::integers(isAdmitted ? kAdmitted : std::vector<qint64>{ 0, 5, -1, 0, -1, 0, 0, 0, 3 }));
        if (!isSettledFirst)
            settle();
        QCOMPARE(fixture.verdicts.size(), 1U); // nobody is answered twice
        if (isAdmitted && !isOpen) {
            const FakeRedis::Asked back = fixture.redis.answer(FakeRedis::integer(1));
            QCOMPARE(back.script, &scripts::takeBack());
            QCOMPARE(back.arguments.first(5), QByteArrayList({ "0.0.0.1", "42", "1234", "0", "0" }));
            QCOMPARE(back.arguments.last(), "0.0.0.1:73475cb40a568e8d"); // the client
        }
        // And the absolute numbers follow by themselves.
        QTRY_COMPARE(fixture.redis.asked.size(), 1U);
        QCOMPARE(fixture.redis.asked.front().script, &scripts::setCounts());
        const QByteArray count = isOpen ? "1" : "0";
        QCOMPARE(fixture.redis.asked.front().arguments, QByteArrayList({ "1", "0.0.0.1", count, "42", count }));
    }

    void waitsAsLongAsItIsTold()
    {
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.clock.advance(fixture.terms.timeout - 1ms);
        fixture.limits.answerOverdue();
        QVERIFY(fixture.verdicts.empty());
        fixture.redis.answer(FakeRedis::integers(kAdmitted));
        QCOMPARE(fixture.verdicts.at(0).kind, PeerVerdict::Kind::Admitted);
        QCOMPARE(fixture.limits.missedAnswers(), 0);
    }

    void manyLateAnswersOfOneMomentAreOne()
    {
        Fixture fixture;
        fixture.join();
        for (int i = 0; i < 50; ++i)
            fixture.ask();
        fixture.miss();
        QCOMPARE(fixture.limits.missedAnswers(), 50);
        QVERIFY(fixture.limits.isSharing());
        fixture.redis.answer(FakeRedis::integers(kAdmitted));
    }

    void whatIsAskedBeforeItHasJoinedWaitsForThat()
    {
        Fixture fixture;
        QSignalSpy settled(&fixture.limits, &ClusterLimits::settled);
        fixture.ask();
        QVERIFY(fixture.limits.isReachable()); // it may yet be
        QVERIFY(fixture.verdicts.empty());
        fixture.join();
        QCOMPARE(settled.size(), 1);
        QCOMPARE(fixture.redis.answer(FakeRedis::integers(kAdmitted)).script, &scripts::admit());
        QCOMPARE(fixture.verdicts.at(0).kind, PeerVerdict::Kind::Admitted);
    }

    void whoCannotJoinLetsNobodyWait_data()
    {
        QTest::addColumn<QString>("what");
        for (const char *what : { "no link", "refused", "late" })
            QTest::newRow(what) << QString::fromLatin1(what);
    }

    void whoCannotJoinLetsNobodyWait()
    {
        QFETCH(QString, what);
        Fixture fixture;
        fixture.ask();
        fixture.ask(u"43"_s);
        if (what == "no link"_L1) {
            fixture.limits.linkDown(u"the connection is refused"_s);
        } else {
            fixture.limits.linkUp();
            if (what == "refused"_L1)
                fixture.redis.answer(Error{ u"NOPERM"_s, rediserrors::kRefused });
        }
        QTRY_VERIFY(fixture.limits.isSettled());
        QVERIFY(!fixture.limits.isReachable());
        QCOMPARE(fixture.verdicts.size(), 2U);
        QCOMPARE(fixture.verdicts[1].kind, PeerVerdict::Kind::NoAnswer);
        QCOMPARE(fixture.limits.missedAnswers(), 0); // nobody was asked
        QCOMPARE(fixture.states.size(), 1U);
        QVERIFY(!fixture.states[0].reason.isEmpty());
        fixture.limits.settle(fixture.verdicts[0].id, true);
        fixture.limits.settle(fixture.verdicts[1].id, false);
        Fixture::turn();
        fixture.ask();
        QCOMPARE(fixture.verdicts.size(), 3U);
    }

    void alone_data()
    {
        QTest::addColumn<bool>("dividesLimits");
        QTest::newRow("in full") << false;
        QTest::newRow("divided") << true;
    }

    void alone()
    {
        QFETCH(bool, dividesLimits);
        Fixture fixture(dividesLimits);
        QCOMPARE(fixture.limits.shares(), 1);
        fixture.join(4);
        fixture.limits.linkDown(u"away"_s);
        QCOMPARE(fixture.limits.shares(), dividesLimits ? 4 : 1);
        QCOMPARE(fixture.limits.nodes(), 4);
    }

    void judgesAloneWhenNothingComes()
    {
        Fixture fixture;
        fixture.join(4);
        for (int i = 0; i < CircuitBreaker::kMisses; ++i) {
            QVERIFY(fixture.limits.isReachable());
            fixture.ask();
            fixture.miss();
        }
        QVERIFY(!fixture.limits.isReachable());
        QCOMPARE(fixture.limits.nodes(), 4);
        QCOMPARE(fixture.states.size(), 2U);
        QVERIFY(!fixture.states[1].isReachable);
        QCOMPARE(fixture.states[1].reason, u"Redis answers too late"_s);
        const size_t waiting = fixture.redis.asked.size();
        fixture.ask(); // a worker that has not seen it yet
        QCOMPARE(fixture.verdicts.back().kind, PeerVerdict::Kind::NoAnswer);
        QCOMPARE(fixture.redis.asked.size(), waiting);
        while (!fixture.redis.asked.empty())
            fixture.redis.answer(kDown);
        fixture.limits.enter(bucketOf(9), u"9"_s);
        Fixture::turn();
        fixture.probeWell();
        QVERIFY(fixture.limits.isReachable());
    }

    void aBrokenLinkIsNoticedAtOnce()
    {
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.redis.answer(kDown);
        QCOMPARE(fixture.verdicts.at(0).kind, PeerVerdict::Kind::NoAnswer);
        fixture.limits.linkDown(u"connection refused"_s);
        QVERIFY(!fixture.limits.isReachable());
        QCOMPARE(fixture.limits.state().reason, u"connection refused"_s);
        fixture.limits.settle(fixture.verdicts[0].id, true);
        fixture.limits.enter(bucketOf(2), u"43"_s);
        fixture.limits.leave(bucketOf(2));
        fixture.limits.leave(u"43"_s);
        Fixture::turn();
        QVERIFY(fixture.redis.asked.empty());
        fixture.limits.linkUp();
        fixture.redis.answer(FakeRedis::integers({ 0, 1, 0 }));
        fixture.redis.answer(FakeRedis::integer(0));
        QCOMPARE(fixture.redis.asked.front().arguments, QByteArrayList({ "1", "0.0.0.1", "1", "42", "1" }));
    }

    void manyAreToldInPortions()
    {
        Fixture fixture;
        for (quint32 i = 0; i < 1200; ++i)
            fixture.limits.enter(bucketOf(i + 1), u"42"_s);
        Fixture::turn();
        fixture.limits.linkUp();
        fixture.redis.answer(FakeRedis::integers({ 0, 1, 0 }));
        fixture.redis.answer(FakeRedis::integer(0));
        qsizetype told = 0;
        while (fixture.redis.asked.front().script == &scripts::setCounts()) {
            QCOMPARE(fixture.redis.asked.size(), 1U); // one after the other
            told += fixture.redis.answer(FakeRedis::integer(1)).arguments.at(0).toLongLong();
        }
        QCOMPARE(told, 1200);
    }

    void whoWasTakenForDeadTellsEverythingAgain()
    {
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.redis.answer(FakeRedis::integers(kAdmitted));
        fixture.limits.probe();
        fixture.redis.answer(FakeRedis::integers({ 0, 1, 0 }));
        fixture.redis.answer(FakeRedis::integer(0));
        QCOMPARE(fixture.redis.asked.front().keys.value(0), "gatehouse:open:a:RUN:next");
        QVERIFY(fixture.limits.isReachable());
    }

    void grantsAndResignation()
    {
        Fixture fixture;
        fixture.join();
        ClientCounts counts;
        for (quint32 i = 0; i < ClusterLimits::kGrantsPerCall + 1; ++i)
            counts.emplace_back(ClientKey::of(bucketOf(i + 1), u"42"_s), 2);
        std::optional<bool> granted;
        fixture.limits.grant(counts, [&granted](bool isDone) { granted = isDone; });
        Fixture::turn();
        QVERIFY(fixture.limits.hasGrants());
        QCOMPARE(
            fixture.redis.answer(FakeRedis::integer(1)).arguments.size(), qsizetype(2 * ClusterLimits::kGrantsPerCall));
        QVERIFY(!granted);
        QCOMPARE(fixture.redis.answer(FakeRedis::integer(1)).arguments.size(), 2);
        QCOMPARE(granted, std::optional(true));
        fixture.limits.grant(counts, [&granted](bool isDone) { granted = isDone; });
        Fixture::turn();
        fixture.redis.answer(kDown);
        QCOMPARE(granted, std::optional(false));

        bool hasResigned = false;
        fixture.limits.resign([&hasResigned] { hasResigned = true; });
        Fixture::turn();
        QVERIFY(!fixture.limits.isReachable());
        QCOMPARE(fixture.redis.answer(FakeRedis::integer(1)).script, &scripts::leave());
        QVERIFY(hasResigned);
    }

    void isNotHeardOnceHalted()
    {
        Fixture fixture;
        fixture.join();
        fixture.ask();
        fixture.redis.answer(FakeRedis::integers(kAdmitted));
        fixture.limits.leave(u"42"_s);
        fixture.limits.halt();
        fixture.limits.leave(bucketOf(1)); // a worker that ends later
        Fixture::turn();
        QVERIFY(fixture.redis.asked.empty());
    }
};

QTEST_GUILESS_MAIN(TestClusterLimits)
#include "tst_clusterlimits.moc"
