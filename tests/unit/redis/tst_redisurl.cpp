// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/redis/redisurl.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestRedisUrl final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void good_data();
    void good();
    void parts();
    void credentials_data();
    void credentials();
    void tlsFiles();
    void sentinels();
    void bad_data();
    void bad();
    void everyCutIsSafe();
};

void TestRedisUrl::good_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("redacted");
    const auto row = [](const char *text, const char *redacted) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(redacted);
    };
    row("redis://localhost", "redis://localhost:6379/0");
    row("redis://localhost/", "redis://localhost:6379/0");
    row("REDIS://LocalHost:7000/15", "redis://LocalHost:7000/15");
    row("redis://127.0.0.1/?db=3", "redis://127.0.0.1:6379/3");
    row("redis://127.0.0.1?db=3", "redis://127.0.0.1:6379/3");
    row("redis://[::1]:7000/2", "redis://[::1]:7000/2");
    row("redis://redis_1.internal-net", "redis://redis_1.internal-net:6379/0");
    row("redis://:qwzj@localhost", "redis://localhost:6379/0");
    row("redis://staff:qwzj@localhost:1/1", "redis://localhost:1/1");
    row("rediss://staff:qwzj@localhost", "rediss://localhost:6379/0");
    row("rediss://localhost/0?ca=/etc/ca.pem", "rediss://localhost:6379/0");
    row("redis+unix:///run/redis/redis.sock", "redis+unix:///run/redis/redis.sock?db=0");
    row("redis+unix://:qwzj@/run/redis%20a.sock?db=7", "redis+unix:///run/redis a.sock?db=7");
    row("redis+sentinel://a/main", "redis+sentinel://a:26379/main/0");
    row("redis+sentinel://:qwzj@a:1,[2001:db8::1],c:3/main/4", "redis+sentinel://a:1,[2001:db8::1]:26379,c:3/main/4");
    row("rediss+sentinel://a/main?sentinel_password=qwzj", "rediss+sentinel://a:26379/main/0");
}

void TestRedisUrl::good()
{
    QFETCH(QString, text);
    QFETCH(QString, redacted);
    const auto url = parseRedisUrl(text);
    QVERIFY2(url.isOk(), url ? "" : qPrintable(url.error().message));
    QCOMPARE(url->redacted(), redacted);
    const auto again = parseRedisUrl(redacted.replace(u' ', u"%20"_s)); // it is a URL itself, and of the same place
    QVERIFY(again.isOk());
    QCOMPARE(again->endpoints, url->endpoints);
    QCOMPARE(again->unixPath, url->unixPath);
    QCOMPARE(again->database, url->database);
    QCOMPARE(again->isTls, url->isTls);
}

void TestRedisUrl::parts()
{
    const auto url = parseRedisUrl(u"rediss://redis.example.com:6380/5"_s);
    QVERIFY(url.isOk());
    QCOMPARE(url->endpoints, (std::vector<RedisEndpoint>{ { u"redis.example.com"_s, 6380 } }));
    QCOMPARE(url->database, 5);
    QVERIFY(url->isTls && url->unixPath.isEmpty() && url->masterName.isEmpty());
    const auto ipv6 = parseRedisUrl(u"redis://[2001:db8::1]"_s);
    QVERIFY(ipv6.isOk());
    QCOMPARE(ipv6->endpoints.front().host, u"2001:db8::1"_s);
    QCOMPARE(ipv6->endpoints.front().toString(), u"[2001:db8::1]:6379"_s);
}

void TestRedisUrl::credentials_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("password");
    QTest::newRow("none") << u"redis://h"_s << QString() << QString();
    QTest::newRow("password") << u"redis://:p@h"_s << QString() << u"p"_s;
    QTest::newRow("both") << u"redis://u:p@h"_s << u"u"_s << u"p"_s;
    QTest::newRow("encoded") << u"redis://u%3A:%40%2F%3F%23%25%E0%B8%81@h"_s << u"u:"_s << u"@/?#%\u0e01"_s;
    QTest::newRow("colons and signs as they are")
        << u"redis://u:a:b@c!$&'()*+,;=~@h"_s << u"u"_s << u"a:b@c!$&'()*+,;=~"_s;
    QTest::newRow("on a Unix-domain socket") << u"redis+unix://u:p@/run/a@b.sock"_s << u"u"_s << u"p"_s;
    QTest::newRow("with Sentinels") << u"redis+sentinel://u:p@h,i/main"_s << u"u"_s << u"p"_s;
}

void TestRedisUrl::credentials()
{
    QFETCH(QString, text);
    const auto url = parseRedisUrl(text);
    QVERIFY2(url.isOk(), url ? "" : qPrintable(url.error().message));
    QTEST(url->user, "user");
    QTEST(url->password, "password");
}

void TestRedisUrl::tlsFiles()
{
    const auto url = parseRedisUrl(u"rediss://h?ca=/etc/a%20b.pem&cert=/c.pem&key=/k.pem"_s);
    QVERIFY(url.isOk());
    QCOMPARE(url->caFile, u"/etc/a b.pem"_s);
    QCOMPARE(url->certFile, u"/c.pem"_s);
    QCOMPARE(url->keyFile, u"/k.pem"_s);
}

void TestRedisUrl::sentinels()
{
    const auto url = parseRedisUrl(u"redis+sentinel://:p@a,b:1,[::1]:2/my%2Fmain/3?sentinel_password=s%20s"_s);
    QVERIFY2(url.isOk(), url ? "" : qPrintable(url.error().message));
    QCOMPARE(url->endpoints, (std::vector<RedisEndpoint>{ { u"a"_s, 26379 }, { u"b"_s, 1 }, { u"::1"_s, 2 } }));
    QCOMPARE(url->masterName, u"my/main"_s);
    QCOMPARE(url->password, u"p"_s);
    QCOMPARE(url->sentinelPassword, u"s s"_s);
    QCOMPARE(url->database, 3);
}

void TestRedisUrl::bad_data()
{
    QTest::addColumn<QString>("text"); // wherever qwzj stands, it may be a password
    QTest::addColumn<QString>("words");
    const auto row = [](const char *text, const char *words) {
        QTest::newRow(*text ? text : "empty") << QString::fromUtf8(text) << QString::fromUtf8(words);
    };
    for (const char *text : { "", "qwzj", "localhost:6379", "http://:qwzj@localhost", "redis:/localhost",
             "unix:///a.sock", "rediss+unix:///a.sock", "redis+tls://a", "qwzj://a" })
        row(text, "must begin with redis://");
    row("redis://", "names no host");
    row("redis:///1", "names no host");
    row("redis://:qwzj@", "names no host");
    row("redis://:qwzj@:6379", "names no host");
    row("redis://qwzj@localhost", "no password");
    row("redis://qwzj:@localhost", "no password");
    row("redis://@localhost", "no password");
    row("redis://:qwzj", "names no host");
    row("redis://staff:qwzj", "the port is not a number");
    row("redis://staff:qwzj:6379", "the port is not a number");
    row("redis://localhost:", "the port is not a number");
    row("redis://localhost:0", "the port is not a number");
    row("redis://localhost:65536", "the port is not a number");
    row("redis://localhost:+1", "the port is not a number");
    row("redis://localhost:123456", "the port is not a number");
    row("redis://local host", "the host is neither");
    row("redis://:qwzj@l%6fcalhost", "the host is neither");
    row("redis://2001:db8::1", "the port is not a number");
    row("redis://[qwzj]", "in brackets");
    row("redis://[::1", "no host");
    row("redis://[127.0.0.1]", "in brackets");
    row("redis://[::1]6379", "the port is not a number");
    row("redis://a,b", "several hosts");
    row("redis://:qw/zj@localhost", "has an @ behind its first /");
    row("redis://:qw?zj@localhost", "has an @ behind its first /");
    row("redis://:qw#zj@localhost", "has a #");
    row("redis://:qwzj%@localhost", "the password has a %");
    row("redis://:qwzj%2@localhost", "the password has a %");
    row("redis://%G0:qwzj@localhost", "the user has a %");
    row("redis://:qwzj%FF@localhost", "the password is not UTF-8");
    row("redis://:qwzj%00@localhost", "the password is not UTF-8");
    row("redis://localhost/main", "the database is not a number from 0 to 65535");
    row("redis://localhost/-1", "the database is not");
    row("redis://localhost/65536", "the database is not");
    row("redis://localhost/1/2", "the database is not");
    row("redis://localhost/1?db=2", "names a database twice");
    row("redis://localhost?db=1&db=1", "one name twice");
    row("redis://localhost?db=", "db is empty");
    row("redis://localhost?db", "may have db, sentinel_password");
    row("redis://localhost?password=qwzj", "may have db, sentinel_password");
    row("redis://localhost?qwzj=1", "may have db, sentinel_password");
    row("redis://localhost?sentinel_password=qwzj", "sentinel_password needs");
    row("redis://localhost?ca=/a.pem", "ca needs TLS");
    row("rediss://localhost?ca=a.pem", "ca must be an absolute path");
    row("rediss://localhost?cert=/a.pem", "only one of cert and key");
    row("rediss://localhost?key=/a.pem", "only one of cert and key");
    row("redis+unix://run/redis.sock", "absolute path");
    row("redis+unix://:qwzj/run/redis.sock", "absolute path");
    row("redis+unix://", "names no path");
    row("redis+unix:///", "names no path");
    row("redis+unix:///a%00b", "the path is not UTF-8");
    row("redis+sentinel://a", "does not name the master");
    row("redis+sentinel://a/", "does not name the master");
    row("redis+sentinel://a,/main", "names no host");
    row("redis+sentinel://a,b:x/main", "the port of host 2 is not");
    row("redis+sentinel://a,b c/main", "the host of host 2");
    row("redis+sentinel://a/main/x", "the database is not");
    row("redis+sentinel://a/main/1/2", "more than the name");
    QTest::newRow("long path") << QString(u"redis+unix:///"_s + QString(200, u'a')) << u"longer than 107 bytes"_s;
}

void TestRedisUrl::bad()
{
    QFETCH(QString, text);
    QFETCH(QString, words);
    const auto url = parseRedisUrl(text);
    QVERIFY(!url.isOk());
    QVERIFY2(url.error().message.contains(words), qPrintable(url.error().message));
    for (const QString &part : { u"qwzj"_s, u"qw"_s, u"zj"_s })
        QVERIFY2(!url.error().message.contains(part), qPrintable(url.error().message));
}

/// A URL that lost its end, or one character, is read or refused, but what is shown of it never holds the password.
void TestRedisUrl::everyCutIsSafe()
{
    const QString whole = u"rediss+sentinel://staff:qwzjqwzj@a:1,[::1]:2/main/3?sentinel_password=qwzjqwzj&ca=/a.pem"_s;
    QVERIFY(parseRedisUrl(whole).isOk());
    const auto check = [](const QString &text) {
        const auto url = parseRedisUrl(text);
        const QString shown = url ? url->redacted() : url.error().message;
        QVERIFY2(!shown.contains(u"qwzj"_s), qPrintable(shown));
    };
    for (qsizetype i = 0; i < whole.size(); ++i) {
        check(whole.left(i));
        check(QString(whole).remove(i, 1));
        check(QString(whole).replace(i, 1, u"%"_s));
        check(QString(whole).replace(i, 1, u"/"_s));
    }
}

QTEST_APPLESS_MAIN(TestRedisUrl)
#include "tst_redisurl.moc"
