// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/auth/jwtsigner.h"
#include "server/cli/checkcommand.h"
#include "server/cli/redischeck.h"
#include "server/redis/redisadvice.h"
#include "server/store/database.h"
#include "tests/support/clifixture.h"
#include "tests/support/redisserver.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

const QStringList kGood{
    u"✅ Rate limiting middleware: Available"_s,
    u"✅ Monitoring middleware: Available"_s,
    u"✅ Cache configuration: Working"_s,
    u"✅ Production middleware will be used"_s,
};

const QByteArray kSecret = "0123456789abcdef0123456789abcdef";

} // namespace

class TestCheck final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void printsTheGuidesLines();
    void leavesNothingBehind();
    void rollback_data();
    void rollback();
    void limitModes();
    void state_data();
    void state();
    void wrongSettings();
    void redis();
    void redisIsAway();
    void redisWithoutRights_data();
    void redisWithoutRights();
    void redisThatRefusesWhatANodeDoes_data();
    void redisThatRefusesWhatANodeDoes();
    void redisWarnings_data();
    void redisWarnings();
    void aSecretThatEverybodyKnows();
    void whatIsHardlyMeantIsTold();
    void whereItCannotListen();
    void aStateFileThatIsDamagedInside();
    void wrongUsage();
    void tellsWhoseATokenIs();
    void tellsWhyATokenIsRefused_data();
    void tellsWhyATokenIsRefused();
    void tokenThatCannotBeJudged_data();
    void tokenThatCannotBeJudged();
    void makesNoSecretToJudgeBy();

private:
    static QByteArray token(const QString &user, UtcTime now, const QByteArray &secret = kSecret)
    {
        TokenRequest request;
        request.user = user;
        request.lifetime = 60s;
        return *JwtSigner(JwtKey{ {}, secret }, {}).sign(request, now);
    }
};

void TestCheck::printsTheGuidesLines()
{
    CliFixture fixture;
    QVERIFY(QDir(fixture.directory.path()).mkdir(u"state"_s));
    fixture.set(u"STATE_DIR", fixture.directory.filePath(u"state"_s));
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    QCOMPARE(fixture.out, kGood);
}

void TestCheck::leavesNothingBehind()
{
    CliFixture fixture; // the state directory is not there yet
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    QCOMPARE(fixture.out, kGood);
    QVERIFY(QDir(fixture.directory.path()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
}

void TestCheck::rollback_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::newRow("rollback") << u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE"_s << u"false"_s;
    QTest::newRow("debug") << u"DEBUG"_s << u"true"_s;
}

void TestCheck::rollback()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    CliFixture fixture;
    fixture.set(name, value);
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QCOMPARE(fixture.out.size(), 4);
    QVERIFY(fixture.out[0].startsWith(u"❌ Rate limiting middleware: Not available (off, because "_s));
    QVERIFY(fixture.out[1].startsWith(u"❌ Monitoring middleware: Not available (off, because "_s));
    QCOMPARE(fixture.out[2], kGood[2]);
    QVERIFY(fixture.out[3].startsWith(u"❌ Production middleware will not be used ("_s));
    for (const int line : { 0, 1, 3 })
        QVERIFY(fixture.out[line].contains(name));
}

void TestCheck::limitModes()
{
    CliFixture fixture;
    fixture.set(u"MAX_CONNECTIONS_PER_IP_MODE", u"observe"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    QCOMPARE(fixture.out[0], QString(kGood[0] + u" (MAX_CONNECTIONS_PER_IP_MODE is observe)"_s));
    fixture.set(u"MAX_MESSAGES_PER_MINUTE_MODE", u"off"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QCOMPARE(fixture.out[0], u"❌ Rate limiting middleware: Not available (MAX_MESSAGES_PER_MINUTE_MODE is off)"_s);
    QCOMPARE(fixture.out[3], kGood[3]);
}

void TestCheck::state_data()
{
    QTest::addColumn<QString>("path"); // in the working directory, or absolute
    QTest::addColumn<QString>("words");
    QTest::newRow("cannot be made") << u"/proc/gatehouse"_s << u"/proc/gatehouse"_s;
    QTest::newRow("below a file") << u"file/state"_s << u"file/state cannot be made"_s;
    QTest::newRow("a file") << u"file"_s << u"file is not a directory"_s;
    QTest::newRow("short secret") << u"short"_s << u"short/jwt_secret"_s;
    QTest::newRow("a state file that is none") << u"damaged"_s << u"damaged/gatehouse.db: it is corrupt"_s;
}

void TestCheck::state()
{
    QFETCH(QString, path);
    QFETCH(QString, words);
    CliFixture fixture;
    for (const QString &name : { u"short"_s, u"damaged"_s })
        QVERIFY(QDir(fixture.directory.path()).mkdir(name));
    for (const QString &name : { u"file"_s, u"short/jwt_secret"_s, u"damaged/gatehouse.db"_s }) {
        QFile file(fixture.directory.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("qwzj");
    }
    QCOMPARE(fixture.run(checkCommand(), { u"--state-dir"_s, path }), int(kExitFailed));
    QCOMPARE(fixture.out.size(), 4);
    QVERIFY(fixture.out[2].startsWith(u"❌ Cache configuration: Not working ("_s));
    QVERIFY2(fixture.out[2].contains(words), qPrintable(fixture.out[2]));
    QVERIFY(!fixture.out[2].contains(u"qwzj"_s));
    QCOMPARE(fixture.out[0], kGood[0]);
}

void TestCheck::wrongSettings()
{
    CliFixture fixture;
    fixture.set(u"MAX_CONNECTIONS_PER_IP", u"0"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QCOMPARE(fixture.out.size(), 4);
    QVERIFY(fixture.out[0].startsWith(u"❌ Rate limiting middleware: Not available (MAX_CONNECTIONS_PER_IP: must be"_s));
    for (const QString &line : fixture.out)
        QVERIFY(line.startsWith(u"❌ "_s));

    CliFixture redis;
    redis.set(u"REDIS_URL", u"redis://:qwzj@localhost:port"_s);
    QCOMPARE(redis.run(checkCommand()), int(kExitFailed));
    QVERIFY(redis.out[2].contains(u"REDIS_URL: the port is not"_s));
    QVERIFY(!redis.out.join(u' ').contains(u"qwzj"_s));

    CliFixture other;
    other.set(u"DEBUG", u"maybe"_s);
    QCOMPARE(other.run(checkCommand()), int(kExitFailed));
    QVERIFY(other.out[3].contains(u"DEBUG: \"maybe\""_s));
}

void TestCheck::redis()
{
    RedisServerFixture server;
    QVERIFY(server.start(RedisServerFixture::durable() << u"requirepass qwzj"_s));
    CliFixture fixture;
    fixture.set(u"REDIS_URL", server.url(u":qwzj@"_s));
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    QCOMPARE(fixture.out.size(), 5);
    QVERIFY2(fixture.out[4].startsWith(u"✅ Redis: Working ("_s), qPrintable(fixture.out[4]));
    QVERIFY(fixture.out[4].endsWith(QString(u" at 127.0.0.1:"_s + QString::number(server.port()) + u')')));
    QVERIFY(!fixture.err.join(u' ').contains(u"Redis"_s)); // nothing to warn of

    fixture.set(u"REDIS_URL", server.url(u":wrong-qwzj@"_s));
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QVERIFY(fixture.out[4].contains(u"the password or the user in REDIS_URL is wrong"_s));
    QVERIFY(!fixture.out.join(u' ').contains(u"qwzj"_s));
}

void TestCheck::redisIsAway()
{
    CliFixture fixture;
    fixture.set(u"REDIS_URL", u"redis://:qwzj@127.0.0.1:1/2"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QCOMPARE(fixture.out.mid(0, 4), kGood);
    QCOMPARE(fixture.out.mid(4), QStringList{ u"❌ Redis: Not working (127.0.0.1:1: the connection is refused)"_s });
}

void TestCheck::redisWithoutRights_data()
{
    QTest::addColumn<QString>("rights");
    QTest::newRow("no channels") << u"resetchannels ~* +@all"_s;
    QTest::newRow("no scripts") << u"~* &* +@all -@scripting"_s;
    QTest::newRow("other keys") << u"~other:* &* +@all"_s;
    QTest::newRow("no streams") << u"~* &* +@all -@stream"_s;
    QTest::newRow("no lists") << u"~* &* +@all -@list"_s;
    QTest::newRow("one command less") << u"~* &* +@all -hscan"_s;
    QTest::newRow("may not listen") << u"~* &* +@all -subscribe"_s;
    QTest::newRow("may not say") << u"~* &* +@all -publish"_s;
    QTest::newRow("reads alone") << u"~* &* +@read +@connection +@scripting +info +role"_s;
}

void TestCheck::redisWithoutRights()
{
    QFETCH(QString, rights);
    RedisServerFixture server;
    QVERIFY(server.start(RedisServerFixture::durable() << QString(u"user node on >qwzj "_s + rights)));
    CliFixture fixture;
    fixture.set(u"REDIS_URL", server.url(u"node:qwzj@"_s));
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QVERIFY2(fixture.out[4].startsWith(u"❌ Redis: Not working (the user in REDIS_URL may not"_s),
        qPrintable(fixture.out[4]));
}

void TestCheck::redisThatRefusesWhatANodeDoes_data()
{
    QTest::addColumn<QStringList>("settings");
    QTest::addColumn<QString>("words");
    QTest::newRow("scripts renamed away") << QStringList{ u"rename-command EVAL \"\""_s } << u"it refuses EVAL"_s;
    QTest::newRow("a command renamed away") << QStringList{ u"rename-command XADD \"\""_s } << u"XADD"_s;
    QTest::newRow("its memory is full") << QStringList{ u"maxmemory 1"_s, u"maxmemory-policy noeviction"_s }
                                        << u"OOM"_s;
    QTest::newRow("it waits for replicas") << QStringList{ u"min-replicas-to-write 1"_s } << u"NOREPLICAS"_s;
}

void TestCheck::redisThatRefusesWhatANodeDoes()
{
    QFETCH(QStringList, settings);
    QFETCH(QString, words);
    RedisServerFixture server;
    QVERIFY(server.start(settings));
    CliFixture fixture;
    fixture.set(u"REDIS_URL", server.url());
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QVERIFY2(fixture.out[4].startsWith(u"❌ Redis: Not working ("_s), qPrintable(fixture.out[4]));
    QVERIFY2(fixture.out[4].contains(words), qPrintable(fixture.out[4]));
}

void TestCheck::redisWarnings_data()
{
    QTest::addColumn<QByteArray>("info");
    QTest::addColumn<QStringList>("words"); // one for each warning
    QTest::newRow("good") << QByteArray("aof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n")
                          << QStringList();
    QTest::newRow("evicts, if it had a bound")
        << QByteArray("aof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n") << QStringList();
    QTest::newRow("no log") << QByteArray("aof_enabled:0\r\nmaxmemory:0\r\n") << QStringList{ u"appendonly is off"_s };
    QTest::newRow("both") << QByteArray("aof_enabled:0\r\nmaxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n")
                          << QStringList{ u"appendonly is off"_s, u"maxmemory-policy is allkeys-lru"_s };
    QTest::newRow("nothing known") << QByteArray() << QStringList();
}

void TestCheck::redisWarnings()
{
    QFETCH(QByteArray, info);
    QFETCH(QStringList, words);
    const QStringList warnings = gatehouse::redisWarnings(info);
    QCOMPARE(warnings.size(), words.size());
    for (qsizetype i = 0; i < words.size(); ++i)
        QVERIFY2(warnings[i].startsWith(words[i]), qPrintable(warnings[i]));
}

void TestCheck::aSecretThatEverybodyKnows()
{
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", u"django-insecure-0123456789abcdef0123456789"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QCOMPARE(fixture.out.mid(0, 4), kGood);
    QVERIFY2(fixture.out.last().startsWith(u"❌ Secret: Not secret (JWT_SECRET is the one that Django makes"_s),
        qPrintable(fixture.out.last()));
    QVERIFY(!fixture.out.join(u' ').contains(u"0123456789"_s));
}

void TestCheck::whatIsHardlyMeantIsTold()
{
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", u"0123456789abcdef0123456789ABCDEF_!\n"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    QCOMPARE(fixture.out, kGood);
    QCOMPARE(fixture.err.filter(u"warning: JWT_SECRET: begins or ends with a blank or a line end"_s).size(), 1);
    QCOMPARE(fixture.err.filter(u"warning: TRUSTED_PROXIES: does not hold 127.0.0.1"_s).size(), 1);
    fixture.set(u"TRUSTED_PROXIES", u"127.0.0.1"_s);
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    QVERIFY(fixture.err.filter(u"TRUSTED_PROXIES"_s).isEmpty());
}

void TestCheck::whereItCannotListen()
{
    CliFixture fixture;
    fixture.set(u"LISTEN", u"unix:"_s + fixture.directory.filePath(u"nowhere/x.sock"_s));
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QCOMPARE(fixture.out.mid(0, 4), kGood);
    QVERIFY2(fixture.out[4].startsWith(u"❌ Listening: Not possible (LISTEN: unix:"_s), qPrintable(fixture.out[4]));
}

void TestCheck::aStateFileThatIsDamagedInside()
{
    CliFixture fixture;
    fixture.set(u"STATE_DIR", fixture.directory.path());
    const QString path = fixture.directory.filePath(u"gatehouse.db"_s);
    {
        const std::unique_ptr<Database> database = Database::open(path).value();
        QVERIFY(database->execute("CREATE TABLE t (text TEXT); INSERT INTO t VALUES (printf('%20000c', 'x'))"));
    }
    QCOMPARE(fixture.run(checkCommand()), int(kExitOk));
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(4096));
        file.write(QByteArray(4096, 'q'));
    }
    QCOMPARE(fixture.run(checkCommand()), int(kExitFailed));
    QVERIFY2(fixture.out[2].contains(u"it is corrupt ("_s), qPrintable(fixture.out[2]));
}

void TestCheck::wrongUsage()
{
    CliFixture fixture;
    QCOMPARE(fixture.run(checkCommand(), { u"--nonsense"_s }), int(kExitUsage));
    QVERIFY(fixture.out.isEmpty());
    QCOMPARE(fixture.err, QStringList{ u"gatehouse check: unknown option --nonsense"_s });
}

void TestCheck::tellsWhoseATokenIs()
{
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", QString::fromLatin1(kSecret));
    fixture.input = token(u"2"_s, fixture.clock.utc()) + '\n';
    QCOMPARE(fixture.run(checkCommand(), { u"--token"_s, u"-"_s }), int(kExitOk));
    QCOMPARE(fixture.out, QStringList{ u"accepted as user 2"_s });
    QVERIFY(fixture.err.isEmpty());

    QFile file(fixture.directory.filePath(u"token"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(token(u"สมชาย"_s, fixture.clock.utc()));
    file.close();
    QCOMPARE(fixture.run(checkCommand(), { u"--token=token"_s }), int(kExitOk));
    QCOMPARE(fixture.out, QStringList{ u"accepted as user สมชาย"_s });
}

void TestCheck::tellsWhyATokenIsRefused_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QString>("sentence");
    const UtcTime now = FakeClock().utc();
    QTest::newRow("expired") << token(u"2"_s, now - 72s) << u"the token expired 12 s ago"_s;
    QTest::newRow("of another secret") << token(u"2"_s, now, "another secret, which is as long")
                                       << u"the token's signature does not fit any key"_s;
    QTest::newRow("of tomorrow") << token(u"2"_s, now + 24h)
                                 << u"the token's iat is 24 h in the future; JWT_LEEWAY is 1 s"_s;
    QTest::newRow("nothing") << QByteArray("\n") << u"there is no token in it"_s;
    QTest::newRow("two lines") << QByteArray("a.b.c\nd.e.f")
                               << u"the token is not a signed JWT: it does not have three parts with a dot between "
                                  "them"_s;
    QTest::newRow("too long") << QByteArray(10'000, 'x') << u"the token is longer than 8192 bytes"_s;
}

void TestCheck::tellsWhyATokenIsRefused()
{
    QFETCH(QByteArray, token);
    QFETCH(QString, sentence);
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", QString::fromLatin1(kSecret));
    fixture.input = token;
    QCOMPARE(fixture.run(checkCommand(), { u"--token"_s, u"-"_s }), int(kExitFailed));
    QCOMPARE(fixture.out, QStringList{ sentence });
}

void TestCheck::tokenThatCannotBeJudged_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("word");
    QTest::newRow("no such file") << QStringList{ u"--token=none"_s } << u"--token: none cannot be read"_s;
    QTest::newRow("the token itself") << QStringList{ u"--token=eyJh.eyJ1.AAAA"_s } << u"not the token itself"_s;
    QTest::newRow("no value") << QStringList{ u"--token"_s } << u"--token needs a value"_s;
    QTest::newRow("twice") << QStringList{ u"--token=a"_s, u"--token=b"_s } << u"--token is given twice"_s;
    QTest::newRow("no key") << QStringList{ u"--token=-"_s } << u"JWT_SECRET is not set"_s;
    QTest::newRow("wrong setting") << QStringList{ u"--token=-"_s, u"--jwt-leeway=x"_s } << u"JWT_LEEWAY"_s;
}

void TestCheck::tokenThatCannotBeJudged()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, word);
    CliFixture fixture;
    QCOMPARE(fixture.run(checkCommand(), arguments), int(kExitUsage));
    const QString said = fixture.err.join(u'\n');
    QVERIFY2(said.contains(word), qPrintable(said));
    QVERIFY(!said.contains(u"eyJh"_s));
    QVERIFY(fixture.out.isEmpty());
}

void TestCheck::makesNoSecretToJudgeBy()
{
    CliFixture fixture;
    fixture.input = token(u"2"_s, fixture.clock.utc());
    QCOMPARE(fixture.run(checkCommand(), { u"--token"_s, u"-"_s }), int(kExitUsage));
    QVERIFY(QDir(fixture.directory.path()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));

    QVERIFY(QDir(fixture.directory.path()).mkdir(u"state"_s));
    QFile secret(fixture.directory.filePath(u"state/jwt_secret"_s));
    QVERIFY(secret.open(QIODevice::WriteOnly));
    QVERIFY(secret.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    secret.write(kSecret);
    secret.close();
    QCOMPARE(fixture.run(checkCommand(), { u"--token"_s, u"-"_s, u"--state-dir=state"_s }), int(kExitOk));
}

QTEST_GUILESS_MAIN(TestCheck)
#include "tst_check.moc"
