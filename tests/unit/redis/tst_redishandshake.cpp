// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/redis/rediscalls.h"
#include "server/redis/redishandshake.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

RedisAnswer text(const QByteArray &content)
{
    return RedisReply{ RedisReply::Type::Text, 0, content };
}

RedisAnswer role(const QByteArray &name)
{
    RedisReply reply{ RedisReply::Type::Array };
    reply.elements.push_back({ RedisReply::Type::Text, 0, name });
    return reply;
}

RedisAnswer refusal(const QString &message)
{
    return Error{ message, rediserrors::kRefused };
}

RedisHandshake handshake(const QString &url = u"redis://:qwzj@h/2"_s)
{
    return { *parseRedisUrl(url), "guard" };
}

const RedisAnswer kServer = text("# Server\r\nredis_version:7.0.15\r\nrun_id_x:1\r\nrun_id:abc\r\n");
const RedisAnswer kPersistence = text("# Persistence\r\nloading:0\r\nasync_loading:0\r\n");

} // namespace

class TestRedisHandshake final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void commandsFollowTheUrl();
    void goodServer();
    void wrongServers_data();
    void wrongServers();
    void infoValues();
    void reasonsToLeave_data();
    void reasonsToLeave();
};

void TestRedisHandshake::commandsFollowTheUrl()
{
    const std::vector<QByteArrayList> common{ { "CLIENT", "SETNAME", "guard" }, { "ROLE" }, { "INFO", "server" },
        { "INFO", "persistence" } };
    QCOMPARE(handshake(u"redis://h"_s).commands(), common);
    std::vector<QByteArrayList> all{ { "AUTH", "qwzj" }, { "SELECT", "2" } };
    all.insert(all.end(), common.begin(), common.end());
    QCOMPARE(handshake().commands(), all);
    QCOMPARE(handshake(u"redis://staff:qwzj@h"_s).commands().front(), (QByteArrayList{ "AUTH", "staff", "qwzj" }));
}

void TestRedisHandshake::goodServer()
{
    RedisHandshake greeting = handshake();
    for (const RedisAnswer &answer :
        { text("OK"), text("OK"), refusal(u"NOPERM this user may not"_s), role("master"), kServer, kPersistence }) {
        QVERIFY(!greeting.isComplete());
        QVERIFY(!greeting.judge(answer));
    }
    QVERIFY(greeting.isComplete());
    QCOMPARE(greeting.server().runId, QByteArray("abc"));
    QCOMPARE(greeting.server().version, QByteArray("7.0.15"));
    QVERIFY(greeting.judge(text("OK")).has_value()); // more than was asked
}

void TestRedisHandshake::wrongServers_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<RedisAnswer>("answer");
    QTest::addColumn<QString>("reason");
    QTest::newRow("wrong password") << 0 << refusal(u"WRONGPASS invalid username-password pair or user is disabled."_s)
                                    << u"the password or the user in REDIS_URL is wrong"_s;
    QTest::newRow("needless password")
        << 0 << refusal(u"ERR AUTH <password> called without any password configured for the default user."_s)
        << u"REDIS_URL has a password, and it has none"_s;
    QTest::newRow("no password") << 1 << refusal(u"NOAUTH Authentication required."_s)
                                 << u"it wants a password, and REDIS_URL has none"_s;
    QTest::newRow("AUTH unknown") << 0 << refusal(u"ERR unknown command"_s)
                                  << u"it refuses AUTH: ERR unknown command"_s;
    QTest::newRow("database") << 1 << refusal(u"ERR DB index is out of range"_s)
                              << u"database 2 cannot be used: ERR DB index is out of range"_s;
    QTest::newRow("ROLE refused") << 3 << refusal(u"NOPERM no"_s) << u"it refuses ROLE: NOPERM no"_s;
    QTest::newRow("replica") << 3 << role("slave") << u"it is a replica, not a master"_s;
    QTest::newRow("Sentinel") << 3 << role("sentinel")
                              << u"it is a Sentinel; REDIS_URL must begin with redis+sentinel://"_s;
    QTest::newRow("nonsense as role") << 3 << text("master") << u"it is a replica, not a master"_s;
    QTest::newRow("loading refuses") << 3 << refusal(u"LOADING Redis is loading the dataset in memory"_s)
                                     << u"it is still loading its data"_s;
    QTest::newRow("INFO refused") << 4 << refusal(u"NOPERM no"_s) << u"it refuses INFO: NOPERM no"_s;
    QTest::newRow("cluster mode") << 4 << text("redis_version:7.0.15\r\nredis_mode:cluster\r\nrun_id:x\r\n")
                                  << u"it is in cluster mode, which keeps keys apart that belong together; use a Redis "
                                     "without it, or with Sentinel"_s;
    QTest::newRow("no run id") << 4 << text("redis_version:7.0.15\r\n") << u"its INFO has no run_id"_s;
    QTest::newRow("loading") << 5 << text("loading:1\r\n") << u"it is still loading its data"_s;
}

void TestRedisHandshake::wrongServers()
{
    QFETCH(int, step);
    QFETCH(RedisAnswer, answer);
    QFETCH(QString, reason);
    RedisHandshake greeting = handshake();
    const std::vector<RedisAnswer> good{ text("OK"), text("OK"), text("OK"), role("master"), kServer, kPersistence };
    for (int i = 0; i < step; ++i)
        QVERIFY(!greeting.judge(good[size_t(i)]));
    QCOMPARE(greeting.judge(answer).value_or(QString()), reason);
}

void TestRedisHandshake::infoValues()
{
    const QByteArray info = "# Server\r\na:1\r\nab:2\r\nb: x \nlast:3";
    QCOMPARE(redisInfoValue(info, "a"), QByteArray("1"));
    QCOMPARE(redisInfoValue(info, "ab"), QByteArray("2"));
    QCOMPARE(redisInfoValue(info, "b"), QByteArray(" x"));
    QCOMPARE(redisInfoValue(info, "last"), QByteArray("3"));
    QCOMPARE(redisInfoValue(info, "none"), QByteArray());
    QCOMPARE(redisInfoValue({}, "a"), QByteArray());
}

void TestRedisHandshake::reasonsToLeave_data()
{
    QTest::addColumn<QString>("error");
    QTest::addColumn<bool>("leaves");
    QTest::newRow("replica") << u"READONLY You can't write against a read only replica."_s << true;
    QTest::newRow("replica, from a script of Redis 6")
        << u"ERR Error running script: @user_script: 1: -READONLY You can't write"_s << true;
    QTest::newRow("loading") << u"LOADING Redis is loading the dataset in memory"_s << true;
    QTest::newRow("master away") << u"MASTERDOWN Link with MASTER is down"_s << true;
    QTest::newRow("becomes a replica") << u"UNBLOCKED force unblock from blocking operation"_s << true;
    QTest::newRow("not known any more") << u"NOAUTH Authentication required."_s << true;
    QTest::newRow("wrong type") << u"WRONGTYPE Operation against a key"_s << false;
    QTest::newRow("no such script") << u"NOSCRIPT No matching script."_s << false;
    QTest::newRow("out of memory") << u"OOM command not allowed when used memory > 'maxmemory'."_s << false;
    QTest::newRow("nothing") << QString() << false;
}

void TestRedisHandshake::reasonsToLeave()
{
    QFETCH(QString, error);
    QFETCH(bool, leaves);
    QCOMPARE(reasonToLeave(error).has_value(), leaves);
}

QTEST_APPLESS_MAIN(TestRedisHandshake)
#include "tst_redishandshake.moc"
