// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/admission/clustertickets.h"
#include "tests/support/fakeredis.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestClusterTickets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comesBackAsItWent()
    {
        Identity identity{ u"42 – ก"_s, Role::Operator, Role::None, { u"staff"_s, u"b"_s } };
        identity.expiresAt = UtcTime(std::chrono::milliseconds(1'800'000'000'123));
        identity.tokenId = u"t"_s;
        for (int round = 0; round < 2; ++round) {
            const std::optional<Identity> read = ClusterTickets::decode(ClusterTickets::encode(identity));
            QVERIFY(read);
            QCOMPARE(read->user, identity.user);
            QCOMPARE(read->role, identity.role);
            QCOMPARE(read->groups, identity.groups);
            QVERIFY(read->expiresAt == identity.expiresAt);
            QVERIFY(read->issuedAt == identity.issuedAt);
            QCOMPARE(read->tokenId, identity.tokenId);
            identity = Identity{ u"43"_s };
            identity.issuedAt = UtcTime(std::chrono::milliseconds(5));
        }
    }

    void strangersWritingsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("\xff{");
        QTest::newRow("array") << QByteArray("[1]");
        QTest::newRow("no user") << QByteArray(R"({"role":"","groups":[]})");
        QTest::newRow("user is a number") << QByteArray(R"({"user":42,"role":""})");
        QTest::newRow("unknown role") << QByteArray(R"({"user":"42","role":"root"})");
        QTest::newRow("group is a number") << QByteArray(R"({"user":"42","role":"","groups":[1]})");
        QTest::newRow("too long") << "{\"user\":\"" + QByteArray(70'000, 'a') + "\",\"role\":\"\"}";
    }

    void strangersWritingsAreRefused()
    {
        QFETCH(QByteArray, json);
        QVERIFY(!ClusterTickets::decode(json));
    }

    void isOfOneRunOfRedis()
    {
        const QByteArray json = ClusterTickets::encode({ u"42"_s }, "run 1");
        QVERIFY(ClusterTickets::decode(json, "run 1"));
        QVERIFY(!ClusterTickets::decode(json, "run 2")); // it may have forgotten that somebody used it
        QVERIFY(!ClusterTickets::decode(ClusterTickets::encode({ u"42"_s }), "run 1"));
    }

    void putsAndTakes()
    {
        Node node;
        const FakeRedis::Asked put = node.put(RedisReply{ RedisReply::Type::Text, 0, "OK" });
        QCOMPARE(put.keys.value(1), "gatehouse:ticket:01ff");
        QCOMPARE(put.keys.mid(3), QByteArrayList({ "EX", "30" }));
        QCOMPARE(node.puts, std::vector{ PeerTickets::GoodAt::AllNodes });

        QCOMPARE(node.take(RedisReply{ RedisReply::Type::Text, 0, put.keys.value(2) }),
            QByteArrayList({ "GETDEL", "gatehouse:ticket:01ff" }));
        QVERIFY(node.found.at(0).isKnown);
        QCOMPARE(node.found.at(0).identity->user, u"42"_s);
        QCOMPARE(node.found.at(0).left, std::chrono::milliseconds(1234));
        node.take(RedisReply{});
        QVERIFY(node.found.at(1).isKnown && !node.found.at(1).identity);
        node.take(Error{ u"late"_s, rediserrors::kLate });
        QVERIFY(!node.found.at(2).isKnown);

        node.tickets.linkUp("another run");
        node.take(RedisReply{ RedisReply::Type::Text, 0, put.keys.value(2) });
        QVERIFY(node.found.at(3).isKnown && !node.found.at(3).identity);
    }

    void knowsWhereAnUnansweredOneIsGood()
    {
        Node node;
        node.put(Error{ u"refused"_s, rediserrors::kRefused });
        QCOMPARE(node.puts.back(), PeerTickets::GoodAt::ThisNode);
        QVERIFY(node.redis.asked.empty());
        node.put(Error{ u"late"_s, rediserrors::kLate }); // it is taken away, should it arrive yet
        QCOMPARE(node.puts.back(), PeerTickets::GoodAt::ThisNode);
        QCOMPARE(node.redis.answer(RedisReply{}).keys, QByteArrayList({ "DEL", "gatehouse:ticket:01ff" }));
        node.put(Error{ u"broke"_s, rediserrors::kDown }); // sent: who knows
        QCOMPARE(node.puts.back(), PeerTickets::GoodAt::AllNodes);
        node.redis.isLinkUp = false;
        node.put(Error{ u"away"_s, rediserrors::kDown }); // never sent
        QCOMPARE(node.puts.back(), PeerTickets::GoodAt::ThisNode);
    }

    void givesBackForWhatIsLeft()
    {
        Node node;
        node.tickets.linkUp("run 1");
        node.tickets.giveBack("\x01\xff", { u"42"_s }, std::chrono::milliseconds(0));
        node.tickets.giveBack("\x01\xff", { u"42"_s }, std::chrono::milliseconds(9001));
        QCoreApplication::sendPostedEvents();
        const QByteArrayList set = node.redis.answer(RedisReply{}).keys;
        QCOMPARE(set.first(2), QByteArrayList({ "SET", "gatehouse:ticket:01ff" }));
        QCOMPARE(set.sliced(3), QByteArrayList({ "PX", "9001", "NX" }));
        QCOMPARE(ClusterTickets::decode(set.at(2), "run 1")->user, u"42"_s);
        QVERIFY(node.redis.asked.empty());
    }

private:
    struct Node
    {
        FakeRedis redis;
        ClusterTickets tickets{ redis, std::chrono::milliseconds(500) };
        std::vector<PeerTickets::GoodAt> puts;
        std::vector<PeerTickets::Answer> found;

        FakeRedis::Asked put(const Result<RedisReply> &reply)
        {
            tickets.put("\x01\xff", { u"42"_s }, [this](PeerTickets::GoodAt where) { puts.push_back(where); });
            QCoreApplication::sendPostedEvents();
            return redis.answer(reply);
        }
        QByteArrayList take(const Result<RedisReply> &reply)
        {
            tickets.take("\x01\xff", [this](const PeerTickets::Answer &answer) { found.push_back(answer); });
            QCoreApplication::sendPostedEvents();
            if (redis.answer(FakeRedis::integer(1234)).keys.value(0) != "PTTL")
                qFatal("does not ask how long it would be good");
            return redis.answer(reply).keys;
        }
    };
};

QTEST_GUILESS_MAIN(TestClusterTickets)
#include "tst_clustertickets.moc"
