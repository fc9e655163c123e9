// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/cluster/redislink.h"
#include "tests/support/recordinglog.h"
#include "tests/support/redisserver.h"

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

class RealClock final : public Clock
{
public:
    [[nodiscard]] MonoTime monotonic() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] UtcTime utc() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

/// A link with what it said.
struct LinkFixture
{
    explicit LinkFixture(const QString &url)
        : link(*parseRedisUrl(url), "test", clock, log)
    {
        QObject::connect(&link, &RedisLink::up, &link, [this](const RedisServer &server) {
            ++ups;
            last = server;
        });
        QObject::connect(&link, &RedisLink::down, &link, [this](const QString &reason) { reasons.append(reason); });
    }
    /// What a call comes to: the text, "(integer)", or the code of its error.
    std::shared_ptr<QString> call(const QByteArrayList &command, std::chrono::milliseconds deadline = 2s)
    {
        auto answer = std::make_shared<QString>();
        link.call(command, [answer](const Result<RedisReply> &reply) { *answer = said(reply); }, deadline);
        return answer;
    }
    static QString said(const Result<RedisReply> &reply)
    {
        if (!reply)
            return reply.error().field;
        switch (reply->type) {
        case RedisReply::Type::Nil:
            return u"nil"_s;
        case RedisReply::Type::Integer:
            return QString::number(reply->integer);
        case RedisReply::Type::Array:
            return u"array of %1"_s.arg(reply->elements.size());
        case RedisReply::Type::Text:
        case RedisReply::Type::Error:
            break;
        }
        return QString::fromUtf8(reply->text);
    }

    RealClock clock;
    RecordingLog log;
    RedisLink link;
    int ups = 0;
    RedisServer last;
    QStringList reasons;
};

constexpr int kPatience = 15'000; // ms

} // namespace

/// The link with a real Redis server.
class TestRedisLink final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void callsAreAnsweredInOrder();
    void unixSocketAndDatabase();
    void credentials_data();
    void credentials();
    void refusals_data();
    void refusals();
    void lateAnswersArePassedOver();
    void blockingCallOutlivesTheDeadline();
    void scripts();
    void messages();
    void frozenServer();
    void killedAndRestarted();
    void replica();
    void failOver();
    void stoppedForGood();
};

void TestRedisLink::callsAreAnsweredInOrder()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    const auto early = fixture.call({ "PING" });
    QVERIFY(early->isEmpty()); // never within the call
    QTRY_COMPARE(*early, u"redis_down"_s);
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(fixture.last.address, QString(u"127.0.0.1:"_s + QString::number(server.port())));
    QCOMPARE(fixture.last.runId.size(), 40);
    QVERIFY(!fixture.last.version.isEmpty());
    QVERIFY(server.ask("CLIENT LIST").contains("name=test "));

    QStringList answers;
    const auto take = [&answers](const Result<RedisReply> &reply) { answers.append(LinkFixture::said(reply)); };
    const QByteArray binary("a\0\r\n\xff", 5);
    fixture.link.call({ "SET", "k", binary }, take);
    fixture.link.call({ "STRLEN", "k" }, take);
    fixture.link.call({ "GET", "none" }, take);
    fixture.link.call({ "LPUSH", "k", "x" }, take);
    fixture.link.call({ "MGET", "k", "none" }, take);
    fixture.link.call({ "SET", "large", QByteArray(3'000'000, 'x') }, take);
    fixture.link.call({ "STRLEN", "large" }, take);
    QVERIFY(answers.isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(answers,
        (QStringList { u"OK"_s, u"5"_s, u"nil"_s, u"redis_refused"_s, u"array of 2"_s, u"OK"_s, u"3000000"_s }), kPatience);
    QVERIFY(fixture.link.isUp());
    QCOMPARE(fixture.log.lines("redis_up"_L1).size(), size_t(1));
}

void TestRedisLink::unixSocketAndDatabase()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(u"redis+unix://%1?db=3"_s.arg(server.unixPath()));
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(fixture.last.address, server.unixPath());
    const auto set = fixture.call({ "SET", "k", "v" });
    QTRY_COMPARE(*set, u"OK"_s);
    QVERIFY(server.ask("INFO keyspace").contains("db3:keys=1"));
}

void TestRedisLink::credentials_data()
{
    QTest::addColumn<QString>("credentials");
    QTest::addColumn<QString>("reason"); // empty: it gets in
    QTest::newRow("password") << u":qw%20zj@"_s << QString();
    QTest::newRow("user") << u"staff:q%23@"_s << QString();
    QTest::newRow("none") << QString() << u"it wants a password, and REDIS_URL has none"_s;
    QTest::newRow("wrong password") << u":qwzj@"_s << u"the password or the user in REDIS_URL is wrong"_s;
    QTest::newRow("wrong user") << u"nobody:q%23@"_s << u"the password or the user in REDIS_URL is wrong"_s;
}

void TestRedisLink::credentials()
{
    QFETCH(QString, credentials);
    QFETCH(QString, reason);
    RedisServerFixture server;
    QVERIFY(server.start({ u"requirepass \"qw zj\""_s, u"user staff on >q# ~* &* +@all"_s }));
    LinkFixture fixture(server.url(credentials));
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp() || !fixture.reasons.isEmpty(), kPatience);
    QCOMPARE(fixture.link.isUp(), reason.isEmpty());
    if (!reason.isEmpty())
        QVERIFY2(fixture.reasons.constFirst().endsWith(reason), qPrintable(fixture.reasons.constFirst()));
    QVERIFY(!fixture.log.text().contains("zj") && !fixture.log.text().contains("q#"));
}

void TestRedisLink::refusals_data()
{
    QTest::addColumn<QString>("more"); // of the URL
    QTest::addColumn<QString>("reason");
    QTest::newRow("no such database") << u"/99"_s << u"database 99 cannot be used: ERR DB index is out of range"_s;
}

void TestRedisLink::refusals()
{
    QFETCH(QString, more);
    QFETCH(QString, reason);
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url({}, more));
    fixture.link.start();
    QTRY_COMPARE_WITH_TIMEOUT(fixture.reasons.size(), 1, kPatience);
    QVERIFY2(fixture.reasons.constFirst().endsWith(reason), qPrintable(fixture.reasons.constFirst()));
    QCOMPARE(fixture.log.lines("redis_down"_L1).size(), size_t(1));
}

void TestRedisLink::lateAnswersArePassedOver()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    server.freeze();
    const auto late = fixture.call({ "INCR", "k" }, 50ms);
    const auto patient = fixture.call({ "INCR", "k" }, 4s);
    QTRY_COMPARE_WITH_TIMEOUT(*late, u"redis_late"_s, kPatience);
    QVERIFY(patient->isEmpty() && fixture.link.isUp());
    server.resume();
    QTRY_COMPARE_WITH_TIMEOUT(*patient, u"2"_s, kPatience); // the first was carried out, and this is not its answer
    QCOMPARE(*late, u"redis_late"_s);
    QVERIFY(fixture.link.isUp());
}

void TestRedisLink::blockingCallOutlivesTheDeadline()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    const auto blocked = fixture.call({ "XREAD", "BLOCK", "6000", "STREAMS", "s", "$" }, 10s); // longer than kDeadAfter
    QTRY_COMPARE_WITH_TIMEOUT(*blocked, u"nil"_s, kPatience);
    QCOMPARE(fixture.ups, 1);
    QVERIFY(fixture.reasons.isEmpty());
}

void TestRedisLink::scripts()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    const RedisScript script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    QStringList answers;
    const auto take = [&answers](const Result<RedisReply> &reply) { answers.append(LinkFixture::said(reply)); };
    fixture.link.run(script, { "k" }, { "2" }, take);
    fixture.link.call({ "INCR", "k" }, take);
    fixture.link.run(script, { "k" }, { "2" }, take);
    QTRY_COMPARE_WITH_TIMEOUT(answers, (QStringList { u"2"_s, u"3"_s, u"5"_s }), kPatience);
    QVERIFY(server.ask("INFO commandstats").contains("cmdstat_evalsha:calls=1"));
    QCOMPARE(server.ask("SCRIPT FLUSH"), QByteArray("+OK\r\n"));
    answers.clear();
    fixture.link.run(script, { "k" }, { "2" }, take);
    QTRY_COMPARE_WITH_TIMEOUT(answers, (QStringList { u"7"_s }), kPatience);
    const RedisScript wrong("return redis.call('NONSENSE')");
    fixture.link.run(wrong, {}, {}, take);
    QTRY_COMPARE_WITH_TIMEOUT(answers, (QStringList { u"7"_s, u"redis_refused"_s }), kPatience);
    QVERIFY(fixture.link.isUp());
}

void TestRedisLink::messages()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    QByteArrayList got;
    fixture.link.subscribe({ "a", "b" }, [&got](const QByteArray &channel, const QByteArray &payload) { got.append(channel + '=' + payload); });
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(server.ask("PUBLISH a 1"), QByteArray(":1\r\n"));
    QCOMPARE(server.ask("PUBLISH b 2"), QByteArray(":1\r\n"));
    QTRY_COMPARE_WITH_TIMEOUT(got, (QByteArrayList { "a=1", "b=2" }), kPatience);
    const auto call = fixture.call({ "GET", "k" });
    QTRY_COMPARE(*call, u"redis_down"_s);
    server.freeze(); // nobody calls: the link's own PING finds out
    QTRY_COMPARE_WITH_TIMEOUT(fixture.reasons.size(), 1, kPatience);
    server.resume();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(server.ask("PUBLISH a 3"), QByteArray(":1\r\n")); // subscribed again, once
    QTRY_COMPARE_WITH_TIMEOUT(got.constLast(), QByteArray("a=3"), kPatience);
}

void TestRedisLink::frozenServer()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    server.freeze();
    const auto waiting = fixture.call({ "PING" }, 1h);
    const auto late = fixture.call({ "PING" }, 100ms);
    QTRY_COMPARE_WITH_TIMEOUT(*late, u"redis_late"_s, kPatience);
    QVERIFY(fixture.reasons.isEmpty());
    server.resume();
    QTRY_COMPARE_WITH_TIMEOUT(*waiting, u"PONG"_s, kPatience);
    server.freeze();
    const auto lost = fixture.call({ "PING" }, 5s);
    const auto alsoLost = fixture.call({ "PING" }, 1h);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.link.isUp(), kPatience);
    QVERIFY(*lost == "redis_down"_L1 || *lost == "redis_late"_L1);
    QCOMPARE(*alsoLost, u"redis_down"_s);
    QVERIFY(fixture.reasons.constFirst().endsWith(u"it has not answered for 5000 ms"_s));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.reasons.constLast().endsWith(u"it does not answer within 1000 ms"_s), kPatience);
    server.resume();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(fixture.ups, 2);
}

void TestRedisLink::killedAndRestarted()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    const QByteArray firstRun = fixture.last.runId;
    const auto set = fixture.call({ "SET", "k", "v" });
    QTRY_COMPARE(*set, u"OK"_s);
    const auto waiting = fixture.call({ "XREAD", "BLOCK", "0", "STREAMS", "s", "$" }, 1h);
    server.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.link.isUp(), kPatience);
    QCOMPARE(*waiting, u"redis_down"_s);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.reasons.constLast().endsWith(u"the connection is refused"_s), kPatience);
    QVERIFY(server.start());
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QVERIFY(fixture.last.runId != firstRun);
    const auto get = fixture.call({ "GET", "k" });
    QTRY_COMPARE(*get, u"v"_s);
    QCOMPARE(fixture.log.lines("redis_up"_L1).size(), size_t(2));
    QVERIFY(fixture.log.lines("redis_down"_L1).size() <= 4); // once for each reason, however often it tried
}

void TestRedisLink::replica()
{
    RedisServerFixture master;
    RedisServerFixture other;
    QVERIFY(master.start());
    QVERIFY(other.start());
    LinkFixture fixture(other.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(other.ask("REPLICAOF 127.0.0.1 " + QByteArray::number(master.port())), QByteArray("+OK\r\n"));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.call({ "SET", "k", "v" }) && !fixture.link.isUp(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.reasons.constLast().endsWith(u"it is a replica, not a master"_s), kPatience);
    QCOMPARE(other.ask("REPLICAOF NO ONE"), QByteArray("+OK\r\n"));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
}

void TestRedisLink::failOver()
{
    RedisServerFixture master;
    RedisServerFixture replica;
    RedisServerFixture sentinel;
    RedisServerFixture gone; // a Sentinel that is not there, asked first
    QVERIFY(master.start());
    QVERIFY(replica.start({ u"replicaof 127.0.0.1 %1"_s.arg(master.port()) }));
    QVERIFY(sentinel.startSentinel(master.port()));
    QVERIFY(gone.startSentinel(master.port()));
    gone.kill();
    QTRY_VERIFY_WITH_TIMEOUT(sentinel.ask("SENTINEL REPLICAS main").contains("master-link-status\r\n$2\r\nok"), kPatience);
    LinkFixture fixture(u"redis+sentinel://127.0.0.1:%1,127.0.0.1:%2/main"_s.arg(gone.port()).arg(sentinel.port()));
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QCOMPARE(fixture.last.address, u"127.0.0.1:%1"_s.arg(master.port()));
    master.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.link.isUp(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), 2 * kPatience);
    QCOMPARE(fixture.last.address, u"127.0.0.1:%1"_s.arg(replica.port()));
    const auto set = fixture.call({ "SET", "k", "v" });
    QTRY_COMPARE(*set, u"OK"_s);
}

void TestRedisLink::stoppedForGood()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.link.start();
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    const auto waiting = fixture.call({ "PING" });
    fixture.link.stop();
    QCOMPARE(*waiting, u"redis_down"_s);
    QVERIFY(!fixture.link.isUp());
    QCOMPARE(fixture.reasons.size(), 1);
    const auto after = fixture.call({ "PING" });
    QTRY_COMPARE(*after, u"redis_down"_s);
    QCOMPARE(fixture.ups, 1);
}

QTEST_GUILESS_MAIN(TestRedisLink)
#include "tst_redislink.moc"
