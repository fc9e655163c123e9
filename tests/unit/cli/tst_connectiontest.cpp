// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtNetwork/QTcpServer>
#include <QtTest/QtTest>

#include "server/cli/connectiontest.h"
#include "server/cli/testcommand.h"
#include "tests/support/clifixture.h"
#include "tests/support/tinyserver.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const QByteArray kMetricsPath = "/api/monitoring/websocket/metrics/";
const QByteArray kChannelPath = "/ws/notifications/";

/// A server that plays the channel and counts, as far as the test needs it.
struct FakeChannel
{
    TinyServer server;
    QString firstMessage = u"{\"type\":\"notifications_list\",\"notifications\":[]}"_s;
    bool answersPings = true;
    bool counts = true;
    qint64 sent = 100;
    qint64 received = 50;

    FakeChannel()
    {
        server.answers.insert(kMetricsPath, [this] { return TinyServer::response("200 OK", metrics()); });
        QObject::connect(&server, &TinyServer::connected, &server, [this](QWebSocket *socket) {
            if (!firstMessage.isEmpty())
                socket->sendTextMessage(firstMessage);
            ++sent;
            QObject::connect(socket, &QWebSocket::textMessageReceived, &server, [this, socket] {
                ++received;
                if (answersPings)
                    socket->sendTextMessage(u"{\"type\":\"pong\"}"_s);
            });
        });
    }
    QByteArray metrics() const
    {
        const QJsonObject object{ { u"active_connections"_s, counts ? server.sockets.size() : 0 },
            { u"messages_sent"_s, counts ? sent : 0 }, { u"messages_received"_s, counts ? received : 0 } };
        return QJsonDocument(object).toJson();
    }
    ConnectionTestReport run(std::chrono::milliseconds patience = 5s) const
    {
        return runConnectionTest(
            { QUrl(u"http://127.0.0.1:%1"_s.arg(server.port())), "canary-token", u"https://example.com"_s, patience });
    }
};

} // namespace

class TestConnectionTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void passes();
    void refusedConnection_data();
    void refusedConnection();
    void noFirstMessage();
    void wrongFirstMessage();
    void pingNotAnswered();
    void metricsThatDoNotMove();
    void metricsRefused_data();
    void metricsRefused();
    void aServerThatSaysNothing();
    void nobodyListens();
    void printsTheGuidesLines();
    void takesATokenFromAFileOrStandardInput();
    void mistakesAreNamed();
};

void TestConnectionTest::passes()
{
    FakeChannel channel;
    const auto report = channel.run();
    QVERIFY2(report.isPassed(),
        qPrintable(report.connection.value_or(report.message.value_or(report.metrics.value_or(QString())))));
    int upgrades = 0;
    for (const QByteArray &head : channel.server.heads) {
        QVERIFY(head.contains("Authorization: Bearer canary-token"));
        upgrades += head.startsWith("GET /ws/notifications/ ") && head.contains("Origin: https://example.com");
    }
    QCOMPARE(upgrades, 1);
}

void TestConnectionTest::refusedConnection_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("words");
    const QByteArray empty("{}");
    const QByteArray limited("429 Too Many Requests");
    QTest::newRow("origin") << QByteArray("403 Forbidden") << empty << u"403: the Origin is not in ALLOWED_HOSTS"_s;
    QTest::newRow("token") << QByteArray("401 Unauthorized") << empty << u"401: the token is not accepted"_s;
    QTest::newRow("limit") << limited << empty << u"429: a rate limit is reached"_s;
    QTest::newRow("a limit that is named")
        << limited
        << QByteArray(R"({"code":"too_many_reconnects","detail":"MAX_RECONNECT_ATTEMPTS is 10","retry_after":37})")
        << u"429: MAX_RECONNECT_ATTEMPTS is 10 (too_many_reconnects); wait 37 s; Origin"_s;
    QTest::newRow("a limit without a wait")
        << limited << QByteArray(R"({"code":"x","detail":"MAX_CONNECTIONS is 5","retry_after":"soon"})")
        << u"429: MAX_CONNECTIONS is 5 (x); Origin"_s;
    QTest::newRow("no problem") << limited << QByteArray("<html>") << u"429: a rate limit is reached"_s;
    QTest::newRow("a hostile one") << limited << QByteArray(R"({"detail":")") + QByteArray(5'000, 'x') + "\\n\"}"
                                   << u"429: xxxxx"_s;
    QTest::newRow("a hostile code") << limited
                                    << R"({"detail":"a\u001b[2Jb\u009bc","code":"\u001b]0;d\u0007)"
            + QByteArray(5'000, 'y') + "\"}"
                                    << u"429: a?[2Jb?c (?]0;d?%1); Origin"_s.arg(QString(58, u'y'));
    QTest::newRow("no code") << limited << QByteArray(R"({"detail":"MAX_CONNECTIONS is 5"})")
                             << u"429: MAX_CONNECTIONS is 5; Origin"_s;
    QTest::newRow("other") << QByteArray("404 Not Found") << empty << u"404: there is no Gatehouse"_s;
}

void TestConnectionTest::refusedConnection()
{
    QFETCH(QByteArray, status);
    QFETCH(QByteArray, body);
    QFETCH(QString, words);
    FakeChannel channel;
    channel.server.answers.insert(kChannelPath, [status, body] { return TinyServer::response(status, body); });
    const auto report = channel.run();
    QVERIFY(report.connection);
    QVERIFY2(report.connection->contains(words), qPrintable(*report.connection));
    QVERIFY(report.connection->size() < 400);
    QVERIFY(report.message && report.metrics);
    QVERIFY(!report.connection->contains(u"canary"_s));
}

void TestConnectionTest::noFirstMessage()
{
    FakeChannel channel;
    channel.firstMessage.clear();
    const auto report = channel.run(300ms);
    QVERIFY(!report.connection);
    QVERIFY(report.message && report.message->contains(u"notifications_list"_s));
}

void TestConnectionTest::wrongFirstMessage()
{
    FakeChannel channel;
    channel.firstMessage = u"{\"type\":\"hello\"}"_s;
    QCOMPARE(channel.run().message.value_or(QString()), u"the first message is not notifications_list"_s);
}

void TestConnectionTest::pingNotAnswered()
{
    FakeChannel channel;
    channel.answersPings = false;
    QCOMPARE(channel.run(300ms).message.value_or(QString()), u"a ping is not answered"_s);
}

void TestConnectionTest::metricsThatDoNotMove()
{
    FakeChannel channel;
    channel.counts = false;
    const auto report = channel.run(300ms);
    QVERIFY(!report.connection && !report.message);
    QVERIFY(report.metrics && report.metrics->contains(u"do not move"_s));
}

void TestConnectionTest::metricsRefused_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("words");
    QTest::newRow("token") << QByteArray("401 Unauthorized") << QByteArray("{}")
                           << u"answers 401: the token is not accepted"_s;
    QTest::newRow("role") << QByteArray("403 Forbidden") << QByteArray("{}")
                          << u"answers 403: the token has no admin rights"_s;
    QTest::newRow("too many") << QByteArray("429 Too Many Requests") << QByteArray("{}") << u"answers 429"_s;
    QTest::newRow("elsewhere") << QByteArray("404 Not Found") << QByteArray("{}") << u"there is no Gatehouse"_s;
    QTest::newRow("a page") << QByteArray("200 OK") << QByteArray("<html>") << u"does not answer with metrics"_s;
    QTest::newRow("nothing") << QByteArray("200 OK") << QByteArray() << u"does not answer with metrics"_s;
    QTest::newRow("text for numbers") << QByteArray("200 OK")
                                      << QByteArray(R"({"messages_sent":"1","active_connections":"1"})")
                                      << u"does not answer with metrics"_s;
}

void TestConnectionTest::metricsRefused()
{
    QFETCH(QByteArray, status);
    QFETCH(QByteArray, body);
    QFETCH(QString, words);
    FakeChannel channel;
    channel.server.answers.insert(kMetricsPath, [&] { return TinyServer::response(status, body); });
    const auto report = channel.run();
    QVERIFY(report.metrics);
    QVERIFY2(report.metrics->contains(words), qPrintable(*report.metrics));
    QVERIFY(!report.metrics->contains(u"Origin"_s));
    QVERIFY(!report.connection && !report.message);
}

void TestConnectionTest::aServerThatSaysNothing()
{
    QTcpServer silent; // takes the connection, and that is all
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const auto report = runConnectionTest(
        { QUrl(u"http://127.0.0.1:%1"_s.arg(silent.serverPort())), "t", u"https://example.com"_s, 200ms });
    QVERIFY(report.connection && report.message && report.metrics);
    QVERIFY2(report.connection->contains(u"no answer within"_s), qPrintable(*report.connection));
    QVERIFY2(report.metrics->contains(u"does not answer within"_s), qPrintable(*report.metrics));
}

void TestConnectionTest::nobodyListens()
{
    quint16 port = 0;
    {
        const TinyServer server;
        port = server.port();
    }
    const auto report
        = runConnectionTest({ QUrl(u"http://127.0.0.1:%1"_s.arg(port)), "t", u"https://example.com"_s, 5s });
    QVERIFY(report.connection && report.message && report.metrics);
}

void TestConnectionTest::printsTheGuidesLines()
{
    FakeChannel channel;
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", u"0123456789abcdef0123456789abcdef"_s);
    const QStringList arguments{ u"--url=ws://127.0.0.1:%1"_s.arg(channel.server.port()), u"--allowed-hosts=*"_s };
    QCOMPARE(fixture.run(testCommand(), arguments), int(kExitOk));
    QCOMPARE(fixture.out,
        QStringList({ u"✅ WebSocket connection: SUCCESS"_s, u"✅ Received message"_s, u"✅ Metrics collection: WORKING"_s,
            u"✅ All tests passed!"_s }));
    channel.server.answers.insert(kChannelPath, [] { return TinyServer::response("403 Forbidden", "{}"); });
    QCOMPARE(fixture.run(testCommand(), arguments), int(kExitFailed));
    QCOMPARE(fixture.out.size(), 4);
    QVERIFY(fixture.out[0].startsWith(u"❌ WebSocket connection: FAILED (403: "_s));
    QCOMPARE(fixture.out[3], u"❌ Some tests failed"_s);
}

void TestConnectionTest::takesATokenFromAFileOrStandardInput()
{
    CliFixture fixture; // without a secret
    QFile file(fixture.directory.filePath(u"token"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("canary-token\n");
    file.close();
    fixture.input = "canary-token\n";
    for (const QString &option : { u"--token=token"_s, u"--token=-"_s, u"--token-file=token"_s, u"--token-file=-"_s }) {
        FakeChannel channel;
        const QStringList arguments{ u"--url=ws://127.0.0.1:%1"_s.arg(channel.server.port()), u"--allowed-hosts=*"_s };
        QCOMPARE(fixture.run(testCommand(), arguments + QStringList{ option }), int(kExitOk));
        QVERIFY(channel.server.heads.size() > 1);
        for (const QByteArray &head : channel.server.heads)
            QVERIFY(head.contains("Authorization: Bearer canary-token"));
    }
}

void TestConnectionTest::mistakesAreNamed()
{
    CliFixture fixture;
    QFile empty(fixture.directory.filePath(u"empty"_s));
    QVERIFY(empty.open(QIODevice::WriteOnly));
    const QList<std::pair<QStringList, QString>> cases{
        { { u"--url=nonsense"_s }, u"--url: \"nonsense\""_s },
        { { u"--token-file=absent"_s }, u"--token-file: absent cannot be read"_s },
        { { u"--token=absent"_s }, u"--token: absent cannot be read"_s },
        { { u"--token=empty"_s }, u"--token: empty does not hold one token"_s },
        { { u"--token=-"_s }, u"--token: standard input does not hold one token"_s },
        { { u"--token=eyJh.eyJ1.AAAA"_s }, u"--token: name a file that holds the token, or - for standard input"_s },
        { { u"--token-file=eyJh.eyJ1.AAAA"_s }, u"--token-file: name a file that holds the token"_s },
        { { u"--token-file=empty"_s }, u"--token-file: empty does not hold one token"_s },
        { { u"--token=a"_s, u"--token-file=b"_s }, u"exclude each other"_s },
        { { u"--listen=127.0.0.1:0"_s }, u"give it with --url"_s },
        { { u"--nonsense"_s }, u"unknown option --nonsense"_s },
    };
    for (const auto &[arguments, words] : cases) {
        QCOMPARE(fixture.run(testCommand(), arguments), int(kExitUsage));
        QVERIFY2(fixture.err.join(u'\n').contains(words), qPrintable(fixture.err.join(u'\n')));
        QVERIFY(!fixture.err.join(u'\n').contains("eyJh"_L1)); // no message repeats a token
        QVERIFY(fixture.out.isEmpty());
    }
}

QTEST_GUILESS_MAIN(TestConnectionTest)
#include "tst_connectiontest.moc"
