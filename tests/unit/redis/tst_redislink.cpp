// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/app/systemclock.h"
#include "server/redis/redislink.h"
#include "tests/support/recordinglog.h"
#include "tests/support/redisserver.h"

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

constexpr int kPatience = 15'000;                    // ms
constexpr std::chrono::milliseconds kDeadline = 10s; ///< where it is not what is tested

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
    /// Starts it and waits until it is up; what made an attempt fail on a slow machine is forgotten.
    void start()
    {
        link.start();
        QTRY_VERIFY_WITH_TIMEOUT(link.isUp(), kPatience);
        reasons.clear();
    }
    [[nodiscard]] bool saw(const QString &reason) const
    {
        return std::any_of(reasons.begin(), reasons.end(), [&](const QString &one) { return one.endsWith(reason); });
    }
    /// The reasons in the log, from this line of redis_down on.
    [[nodiscard]] QStringList logged(size_t from = 0) const
    {
        QStringList list;
        for (const RecordingLog::Line &line : log.lines("redis_down"_L1))
            list.append(line.fields.value("reason"_L1).toString());
        return list.mid(qsizetype(from));
    }
    /// What a call comes to: the text, "(integer)", or the code of its error.
    std::shared_ptr<QString> call(const QByteArrayList &command, std::chrono::milliseconds deadline = kDeadline)
    {
        auto answer = std::make_shared<QString>();
        link.call(
            command, [answer](const Result<RedisReply> &reply) { *answer = said(reply); }, deadline);
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

    SystemClock clock;
    RecordingLog log;
    RedisLink link;
    int ups = 0;
    RedisServer last;
    QStringList reasons;
};

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
    void whatWasSaidLastIsSent();
};

void TestRedisLink::callsAreAnsweredInOrder()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    const auto early = fixture.call({ "PING" });
    QVERIFY(early->isEmpty()); // never within the call
    QTRY_COMPARE(*early, u"redis_down"_s);
    fixture.start();
    QCOMPARE(fixture.last.address, QString(u"127.0.0.1:"_s + QString::number(server.port())));
    QCOMPARE(fixture.last.runId.size(), 40);
    QVERIFY(!fixture.last.version.isEmpty());
    QVERIFY(server.ask("CLIENT LIST").contains("name=test "));

    QStringList answers;
    const auto take = [&answers](const Result<RedisReply> &reply) { answers.append(LinkFixture::said(reply)); };
    const QByteArray binary("a\0\r\n\xff", 5);
    fixture.link.call({ "SET", "k", binary }, take, kDeadline);
    fixture.link.call({ "STRLEN", "k" }, take, kDeadline);
    fixture.link.call({ "GET", "none" }, take, kDeadline);
    fixture.link.call({ "LPUSH", "k", "x" }, take, kDeadline);
    fixture.link.call({ "MGET", "k", "none" }, take, kDeadline);
    fixture.link.call({ "SET", "large", QByteArray(3'000'000, 'x') }, take, kDeadline);
    fixture.link.call({ "STRLEN", "large" }, take, kDeadline);
    QVERIFY(answers.isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(answers,
        (QStringList{ u"OK"_s, u"5"_s, u"nil"_s, u"redis_refused"_s, u"array of 2"_s, u"OK"_s, u"3000000"_s }),
        kPatience);
    QVERIFY(fixture.link.isUp());
    QCOMPARE(fixture.log.lines("redis_up"_L1).size(), size_t(1));
}

void TestRedisLink::unixSocketAndDatabase()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(u"redis+unix://%1?db=3"_s.arg(server.unixPath()));
    fixture.start();
    QCOMPARE(fixture.last.address, server.unixPath());
    const auto set = fixture.call({ "SET", "k", "v" });
    QTRY_COMPARE_WITH_TIMEOUT(*set, u"OK"_s, kPatience);
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
    if (reason.isEmpty())
        QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    else
        QTRY_VERIFY2_WITH_TIMEOUT(fixture.saw(reason), qPrintable(fixture.reasons.join(u' ')), kPatience);
    QCOMPARE(fixture.link.isUp(), reason.isEmpty());
    QCOMPARE(fixture.ups, reason.isEmpty() ? 1 : 0);
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
    QTRY_VERIFY2_WITH_TIMEOUT(fixture.saw(reason), qPrintable(fixture.reasons.join(u' ')), kPatience);
    QVERIFY(!fixture.link.isUp());
    QCOMPARE(fixture.logged().filter(reason).size(), 1);
}

void TestRedisLink::lateAnswersArePassedOver()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.start();
    server.freeze();
    const auto late = fixture.call({ "INCR", "k" }, 50ms);
    const auto patient = fixture.call({ "INCR", "k" }, kDeadline);
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
    fixture.start();
    const auto blocked = fixture.call({ "XREAD", "BLOCK", "6000", "STREAMS", "s", "$" }, 15s); // longer than kDeadAfter
    QTRY_COMPARE_WITH_TIMEOUT(*blocked, u"nil"_s, kPatience);
    QCOMPARE(fixture.ups, 1);
    QVERIFY(fixture.reasons.isEmpty());
}

void TestRedisLink::scripts()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.start();
    const RedisScript script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    QStringList answers;
    const auto take = [&answers](const Result<RedisReply> &reply) { answers.append(LinkFixture::said(reply)); };
    fixture.link.run(script, { "k" }, { "2" }, take, kDeadline);
    fixture.link.call({ "INCR", "k" }, take, kDeadline);
    fixture.link.run(script, { "k" }, { "2" }, take, kDeadline);
    QTRY_COMPARE_WITH_TIMEOUT(answers, (QStringList{ u"2"_s, u"3"_s, u"5"_s }), kPatience);
    QVERIFY(server.ask("INFO commandstats").contains("cmdstat_evalsha:calls=1"));
    QCOMPARE(server.ask("SCRIPT FLUSH"), QByteArray("+OK\r\n"));
    answers.clear();
    fixture.link.run(script, { "k" }, { "2" }, take, kDeadline);
    QTRY_COMPARE_WITH_TIMEOUT(answers, (QStringList{ u"7"_s }), kPatience);
    const RedisScript wrong("return redis.call('NONSENSE')");
    fixture.link.run(wrong, {}, {}, take, kDeadline);
    QTRY_COMPARE_WITH_TIMEOUT(answers, (QStringList{ u"7"_s, u"redis_refused"_s }), kPatience);
    QVERIFY(fixture.link.isUp());
}

void TestRedisLink::messages()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    QByteArrayList got;
    fixture.link.subscribe({ "a", "b" },
        [&got](const QByteArray &channel, const QByteArray &payload) { got.append(channel + '=' + payload); });
    fixture.start();
    QCOMPARE(server.ask("PUBLISH a 1"), QByteArray(":1\r\n"));
    QCOMPARE(server.ask("PUBLISH b 2"), QByteArray(":1\r\n"));
    QTRY_COMPARE_WITH_TIMEOUT(got, (QByteArrayList{ "a=1", "b=2" }), kPatience);
    const auto call = fixture.call({ "GET", "k" });
    QTRY_COMPARE_WITH_TIMEOUT(*call, u"redis_down"_s, kPatience);
    server.freeze(); // nobody calls: the link's own PING finds out
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.link.isUp(), kPatience);
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
    fixture.start();
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
    QVERIFY(server.start(RedisServerFixture::durable()));
    LinkFixture fixture(server.url());
    fixture.start();
    const QByteArray firstRun = fixture.last.runId;
    const size_t before = fixture.log.lines("redis_down"_L1).size();
    const auto set = fixture.call({ "SET", "k", "v" });
    QTRY_COMPARE_WITH_TIMEOUT(*set, u"OK"_s, kPatience);
    const auto waiting = fixture.call({ "XREAD", "BLOCK", "0", "STREAMS", "s", "$" }, 1h);
    server.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.link.isUp(), kPatience);
    QCOMPARE(*waiting, u"redis_down"_s);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.reasons.constLast().endsWith(u"the connection is refused"_s), kPatience);
    QVERIFY(server.start(RedisServerFixture::durable()));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
    QVERIFY(fixture.last.runId != firstRun);
    const auto get = fixture.call({ "GET", "k" });
    QTRY_COMPARE_WITH_TIMEOUT(*get, u"v"_s, kPatience);
    QCOMPARE(fixture.log.lines("redis_up"_L1).size(), size_t(2));
    const QStringList logged = fixture.logged(before);
    QVERIFY(logged.size() >= 2);
    QCOMPARE(QSet<QString>(logged.begin(), logged.end()).size(),
        logged.size()); // once for each reason, however often it tried
}

void TestRedisLink::replica()
{
    RedisServerFixture master;
    RedisServerFixture other;
    QVERIFY(master.start());
    QVERIFY(other.start());
    LinkFixture fixture(other.url());
    fixture.start();
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
    QTcpSocket gone; // a Sentinel that is not there, asked first: a port that is taken, and nobody listens
    QVERIFY(gone.bind(QHostAddress::LocalHost));
    QVERIFY(master.start());
    QVERIFY(replica.start({ u"replicaof 127.0.0.1 %1"_s.arg(master.port()) }));
    QVERIFY(sentinel.startSentinel(master.port()));
    QTRY_VERIFY_WITH_TIMEOUT(
        sentinel.ask("SENTINEL REPLICAS main").contains("master-link-status\r\n$2\r\nok"), kPatience);
    LinkFixture fixture(
        u"redis+sentinel://127.0.0.1:%1,127.0.0.1:%2/main"_s.arg(gone.localPort()).arg(sentinel.port()));
    fixture.start();
    QCOMPARE(fixture.last.address, u"127.0.0.1:%1"_s.arg(master.port()));
    master.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.link.isUp(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), 4 * kPatience);
    QCOMPARE(fixture.last.address, u"127.0.0.1:%1"_s.arg(replica.port()));
    const auto set = fixture.call({ "SET", "k", "v" });
    QTRY_COMPARE_WITH_TIMEOUT(*set, u"OK"_s, kPatience);
}

void TestRedisLink::stoppedForGood()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.start();
    const auto waiting = fixture.call({ "PING" });
    fixture.link.stop();
    QCOMPARE(*waiting, u"redis_down"_s);
    QVERIFY(!fixture.link.isUp());
    QCOMPARE(fixture.reasons.size(), 1);
    const auto after = fixture.call({ "PING" });
    QTRY_COMPARE_WITH_TIMEOUT(*after, u"redis_down"_s, kPatience);
    QCOMPARE(fixture.ups, 1);
}

void TestRedisLink::whatWasSaidLastIsSent()
{
    RedisServerFixture server;
    QVERIFY(server.start());
    LinkFixture fixture(server.url());
    fixture.start();
    const auto answer = fixture.call({ "SET", "farewell", "said" });
    fixture.link.stop(); // before the event loop turns
    QCOMPARE(*answer, u"redis_down"_s);
    QTRY_VERIFY(server.ask("GET farewell").contains("said"));
}

QTEST_GUILESS_MAIN(TestRedisLink)
#include "tst_redislink.moc"
