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
        Identity identity{ u"42 – ก"_s, Role::Operator, { u"staff"_s, u"b"_s } };
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

    void putsAndTakes()
    {
        FakeRedis redis;
        ClusterTickets tickets(redis);
        int puts = 0;
        tickets.put("\x01\xff", { u"42"_s }, [&puts] { ++puts; });
        QCoreApplication::sendPostedEvents();
        const FakeRedis::Asked put = redis.answer(RedisReply{ RedisReply::Type::Text, 0, "OK" });
        QCOMPARE(put.keys.value(1), "gatehouse:ticket:01ff");
        QCOMPARE(put.keys.mid(3), QByteArrayList({ "EX", "30" }));
        QCOMPARE(puts, 1);

        std::vector<PeerTickets::Answer> found;
        const auto take = [&](const Result<RedisReply> &reply) {
            tickets.take("\x01\xff", [&found](const PeerTickets::Answer &answer) { found.push_back(answer); });
            QCoreApplication::sendPostedEvents();
            return redis.answer(reply).keys;
        };
        QCOMPARE(take(RedisReply{ RedisReply::Type::Text, 0, put.keys.value(2) }),
            QByteArrayList({ "GETDEL", "gatehouse:ticket:01ff" }));
        QVERIFY(found.at(0).isKnown);
        QCOMPARE(found.at(0).identity->user, u"42"_s);
        take(RedisReply{});
        QVERIFY(found.at(1).isKnown && !found.at(1).identity);
        take(Error{ u"late"_s, rediserrors::kLate });
        QVERIFY(!found.at(2).isKnown);
    }
};

QTEST_GUILESS_MAIN(TestClusterTickets)
#include "tst_clustertickets.moc"
