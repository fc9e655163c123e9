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

constexpr int kPatience = 15'000; // ms

/// A link and why it was down.
struct LinkFixture
{
    explicit LinkFixture(const QString &url)
        : link(*parseRedisUrl(url), "test", clock, log)
    {
        QObject::connect(&link, &RedisLink::down, &link, [this](const QString &reason) { reasons.append(reason); });
        link.start();
    }
    [[nodiscard]] bool saw(const QString &words) const { return reasons.join(u'\n').contains(words); }
    /// How often the log gives a reason with these words.
    [[nodiscard]] qsizetype logged(const QString &words) const
    {
        const auto lines = log.lines("redis_down"_L1);
        return std::count_if(lines.begin(), lines.end(),
            [&](const RecordingLog::Line &line) { return line.fields.value("reason"_L1).toString().contains(words); });
    }

    SystemClock clock;
    RecordingLog log;
    RedisLink link;
    QStringList reasons;
};

/// A server that sends every client the same bytes, whatever it is asked.
class LyingServer final : public QObject
{
public:
    explicit LyingServer(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
        m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *client = m_server.nextPendingConnection();
            client->setParent(this);
            client->write(m_bytes);
        });
    }
    [[nodiscard]] QString url() const { return u"redis://127.0.0.1:%1"_s.arg(m_server.serverPort()); }

private:
    QByteArray m_bytes;
    QTcpServer m_server;
};

bool openssl(const QString &directory, const QStringList &arguments)
{
    QProcess process;
    process.setWorkingDirectory(directory);
    process.start(u"openssl"_s, arguments);
    return process.waitForFinished(30'000) && process.exitCode() == 0;
}

/// An authority (NAME-ca.pem) and a certificate of it (NAME.pem, NAME.key) for 127.0.0.1.
bool makeCertificates(const QString &directory, const QString &name, const QString &address = u"127.0.0.1"_s)
{
    const QStringList key{ u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, u"ec_paramgen_curve:prime256v1"_s, u"-nodes"_s };
    QFile extension(directory + u'/' + name + u".ext"_s);
    if (!extension.open(QIODevice::WriteOnly) || extension.write("subjectAltName=IP:" + address.toUtf8() + "\n") < 0)
        return false;
    extension.close();
    return openssl(directory,
               QStringList{ u"req"_s, u"-x509"_s } + key
                   + QStringList{ u"-keyout"_s, name + u"-ca.key"_s, u"-out"_s, name + u"-ca.pem"_s, u"-days"_s, u"2"_s,
                       u"-subj"_s, u"/CN=Test authority"_s })
        && openssl(directory,
            QStringList{ u"req"_s } + key
                + QStringList{ u"-keyout"_s, name + u".key"_s, u"-out"_s, name + u".csr"_s, u"-subj"_s,
                    u"/CN=server"_s })
        && openssl(directory,
            { u"x509"_s, u"-req"_s, u"-in"_s, name + u".csr"_s, u"-CA"_s, name + u"-ca.pem"_s, u"-CAkey"_s,
                name + u"-ca.key"_s, u"-CAcreateserial"_s, u"-days"_s, u"2"_s, u"-extfile"_s, extension.fileName(),
                u"-out"_s, name + u".pem"_s });
}

} // namespace

/// What goes wrong is named, leads to another attempt, and never to a crash or to memory without bound.
class TestRedisFaults final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unreachable_data();
    void unreachable();
    void lies_data();
    void lies();
    void silentServer();
    void loading();
    void tls();
};

void TestRedisFaults::unreachable_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("words");
    QTest::newRow("port") << u"redis://127.0.0.1:1"_s << u"127.0.0.1:1: the connection is refused"_s;
    QTest::newRow("socket") << u"redis+unix:///nowhere/redis.sock"_s
                            << u"/nowhere/redis.sock: there is no such socket"_s;
    QTest::newRow("Sentinels") << u"redis+sentinel://127.0.0.1:1,127.0.0.1:2/main"_s
                               << u"Sentinel 127.0.0.1:2: the connection is refused"_s;
    QTest::newRow("authorities") << u"rediss://127.0.0.1:1?ca=/nowhere/ca.pem"_s
                                 << u"TLS: /nowhere/ca.pem cannot be read"_s;
}

void TestRedisFaults::unreachable()
{
    QFETCH(QString, url);
    QFETCH(QString, words);
    LinkFixture fixture(url);
    QTRY_VERIFY2_WITH_TIMEOUT(fixture.saw(words), qPrintable(fixture.reasons.join(u' ')), kPatience);
    QVERIFY(!fixture.link.isUp());
    QCOMPARE(fixture.logged(words), 1);
}

void TestRedisFaults::lies_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("words");
    QTest::newRow("HTTP") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n") << u"no answer of Redis"_s;
    QTest::newRow("deep") << QByteArray("*1\r\n").repeated(50) << u"no answer of Redis"_s;
    QTest::newRow("OK to everything") << QByteArray("+OK\r\n").repeated(10) << u"it is a replica, not a master"_s;
    QTest::newRow("one answer too many") << QByteArray(
        "+OK\r\n*1\r\n$6\r\nmaster\r\n$9\r\nrun_id:a\n\r\n$9\r\nloading:0\r\n+what\r\n")
                                         << u"an answer came that nobody asked for"_s;
    QTest::newRow("too many clients") << QByteArray("-ERR max number of clients reached\r\n").repeated(2)
                                      << u"it refuses ROLE: ERR max number of clients reached"_s;
}

void TestRedisFaults::lies()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, words);
    LyingServer server(bytes);
    LinkFixture fixture(server.url());
    QTRY_VERIFY2_WITH_TIMEOUT(fixture.saw(words), qPrintable(fixture.reasons.join(u' ')), kPatience);
    QVERIFY(!fixture.link.isUp());
}

void TestRedisFaults::silentServer()
{
    LyingServer server({}); // as one that answers seconds too late
    LinkFixture fixture(server.url());
    QTRY_VERIFY_WITH_TIMEOUT(fixture.saw(u"it does not answer within 1000 ms"_s), kPatience);
}

void TestRedisFaults::loading()
{
    RedisServerFixture server;
    const QStringList durable = RedisServerFixture::durable() << u"rdbcompression no"_s;
    QVERIFY(server.start(durable));
    QVERIFY(
        server.ask(R"(EVAL "for i = 1, 400 do redis.call('SET', i, string.rep('x', 2000)) end" 0)").startsWith('$'));
    QVERIFY(server.ask("BGREWRITEAOF").startsWith('+'));
    QTRY_VERIFY_WITH_TIMEOUT(
        server.ask("INFO persistence").contains("aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0"), kPatience);
    server.kill();
    // 50 ms for each key, between which it answers: 20 s, unless it is told to hurry.
    QVERIFY(server.start(
        durable + QStringList{ u"key-load-delay 50000"_s, u"loading-process-events-interval-bytes 1024"_s }));
    LinkFixture fixture(server.url());
    QTRY_VERIFY_WITH_TIMEOUT(fixture.saw(u"it is still loading its data"_s), kPatience);
    QVERIFY(!fixture.link.isUp());
    QCOMPARE(server.ask("CONFIG SET key-load-delay 0"), QByteArray("+OK\r\n"));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.link.isUp(), kPatience);
}

void TestRedisFaults::tls()
{
    RedisServerFixture server;
    for (const QString &name : { u"good"_s, u"other"_s })
        QVERIFY(makeCertificates(server.path(QString()), name));
    quint16 port = 0;
    bool isStarted = false;
    for (int attempts = 0; attempts < 3 && !isStarted; ++attempts) { // somebody may take the port first
        port = RedisServerFixture::freePort();
        isStarted = server.start({ u"tls-port %1"_s.arg(port), u"tls-cert-file good.pem"_s, u"tls-key-file good.key"_s,
            u"tls-ca-cert-file good-ca.pem"_s, u"tls-auth-clients yes"_s });
    }
    QVERIFY(isStarted);
    const auto url = [&](const QString &ca, const QString &more) {
        return QString(u"rediss://127.0.0.1:"_s + QString::number(port) + u"?ca="_s + server.path(ca) + more);
    };
    const QString own = u"&cert="_s + server.path(u"good.pem"_s) + u"&key="_s + server.path(u"good.key"_s);
    LinkFixture good(url(u"good-ca.pem"_s, own));
    QTRY_VERIFY2_WITH_TIMEOUT(good.link.isUp(), qPrintable(good.reasons.join(u' ')), kPatience);

    LinkFixture stranger(url(u"other-ca.pem"_s, own));
    QTRY_VERIFY2_WITH_TIMEOUT(stranger.saw(u": TLS: "_s), qPrintable(stranger.reasons.join(u' ')), kPatience);

    LinkFixture otherName(url(u"good-ca.pem"_s, own).replace(u"127.0.0.1"_s, u"localhost"_s));
    QTRY_VERIFY2_WITH_TIMEOUT(
        otherName.saw(u"TLS: The host name did not match"_s), qPrintable(otherName.reasons.join(u' ')), kPatience);

    LinkFixture plain(QString(u"redis://127.0.0.1:"_s + QString::number(port)));
    LinkFixture anonymous(url(u"good-ca.pem"_s, QString()));
    QTRY_VERIFY_WITH_TIMEOUT(!plain.reasons.isEmpty() && !anonymous.reasons.isEmpty(), kPatience);
    QVERIFY(!plain.link.isUp() && !anonymous.link.isUp() && !stranger.link.isUp());
    QVERIFY(good.link.isUp());
}

QTEST_GUILESS_MAIN(TestRedisFaults)
#include "tst_redisfaults.moc"
