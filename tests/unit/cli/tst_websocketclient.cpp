// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslKey>
#include <QtTest/QtTest>

#include "server/cli/websocketclient.h"
#include "tests/support/tinyserver.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

/// Against QtWebSockets, an independent implementation.
class TestWebSocketClient final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensAndTalks();
    void sendsTokenAndOriginFromItsAddress();
    void answersPings();
    void largeMessages();
    void closes();
    void isClosed();
    void isRefused();
    void isRefusedByAnAnswerThatIsCutShort();
    void nobodyListens();
    void notAWebSocketServer_data();
    void notAWebSocketServer();
    void wrongAccept();
    void lostConnection();
    void mayBeOpenedAgain();
    void talksEncrypted();
    void theHostIsNamedAsBrowsersDo_data();
    void theHostIsNamedAsBrowsersDo();

private:
    static WebSocketTarget target(const TinyServer &server, const QByteArray &path = "/ws/")
    {
        return { u"127.0.0.1"_s, server.port(), path, {}, {} };
    }
};

void TestWebSocketClient::opensAndTalks()
{
    TinyServer server;
    WebSocketClient client;
    QSignalSpy received(&client, &WebSocketClient::textReceived);
    connect(&server, &TinyServer::connected, this, [](QWebSocket *socket) {
        socket->sendTextMessage(u"first"_s);
        connect(socket, &QWebSocket::textMessageReceived, socket,
            [socket](const QString &text) { socket->sendTextMessage(text + u'!'); });
    });
    connect(&client, &WebSocketClient::opened, &client, [&] { client.sendText("hello"); });
    QVERIFY(client.isIdle());
    client.open(target(server));
    QVERIFY(!client.isIdle());
    QTRY_COMPARE(received.size(), 2);
    QCOMPARE(received[0][0].toByteArray(), QByteArray("first"));
    QCOMPARE(received[1][0].toByteArray(), QByteArray("hello!"));
    QVERIFY(client.isOpen());
}

void TestWebSocketClient::sendsTokenAndOriginFromItsAddress()
{
    TinyServer server;
    WebSocketClient client;
    WebSocketTarget to = target(server);
    to.token = "abc";
    to.origin = "https://example.com";
    to.localAddress = QHostAddress(u"127.1.2.3"_s);
    client.open(to);
    QTRY_COMPARE(server.sockets.size(), 1);
    QCOMPARE(server.sockets[0]->peerAddress().toString(), u"127.1.2.3"_s);
    QVERIFY(server.heads[0].contains("\r\nAuthorization: Bearer abc"));
    QVERIFY(server.heads[0].contains("\r\nOrigin: https://example.com"));
}

void TestWebSocketClient::answersPings()
{
    TinyServer server;
    WebSocketClient client;
    client.open(target(server));
    QTRY_VERIFY(client.isOpen());
    QTRY_COMPARE(server.sockets.size(), 1);
    QSignalSpy pongs(server.sockets[0], &QWebSocket::pong);
    server.sockets[0]->ping("payload");
    QTRY_COMPARE(pongs.size(), 1);
    QCOMPARE(pongs[0][1].toByteArray(), QByteArray("payload"));
}

void TestWebSocketClient::largeMessages()
{
    TinyServer server;
    WebSocketClient client;
    QSignalSpy received(&client, &WebSocketClient::textReceived);
    client.open(target(server));
    QTRY_COMPARE(server.sockets.size(), 1);
    QTRY_VERIFY(client.isOpen());
    QSignalSpy atServer(server.sockets[0], &QWebSocket::textMessageReceived);
    const QByteArray large(700'000, 'x'); // QtWebSockets sends it in several frames
    client.sendText(large);
    server.sockets[0]->sendTextMessage(QString::fromLatin1(large));
    QTRY_COMPARE(received.size(), 1);
    QCOMPARE(received[0][0].toByteArray(), large);
    QTRY_COMPARE(atServer.size(), 1);
    QCOMPARE(atServer[0][0].toString().size(), large.size());
}

void TestWebSocketClient::closes()
{
    TinyServer server;
    WebSocketClient client;
    QSignalSpy ended(&client, &WebSocketClient::ended);
    client.open(target(server));
    QTRY_VERIFY(client.isOpen());
    QTRY_COMPARE(server.sockets.size(), 1);
    client.close();
    QVERIFY(!client.isOpen());
    client.sendText("too late");
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(ended[0][0].toInt(), 1000);
    QCOMPARE(server.sockets[0]->closeCode(), QWebSocketProtocol::CloseCodeNormal);
    QVERIFY(client.isIdle());
}

void TestWebSocketClient::isClosed()
{
    TinyServer server;
    WebSocketClient client;
    QSignalSpy ended(&client, &WebSocketClient::ended);
    connect(&server, &TinyServer::connected, this,
        [](QWebSocket *socket) { socket->close(QWebSocketProtocol::CloseCode(4131), u"flood"_s); });
    client.open(target(server));
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(ended[0][0].toInt(), 4131);
}

void TestWebSocketClient::isRefused()
{
    TinyServer server;
    server.answers.insert(
        "/ws/", [] { return TinyServer::response("429 Too Many Requests", R"({"limit":5})", "Retry-After: 37\r\n"); });
    WebSocketClient client;
    QSignalSpy refused(&client, &WebSocketClient::refused);
    QSignalSpy failed(&client, &WebSocketClient::failed);
    client.open(target(server));
    QTRY_COMPARE(refused.size(), 1);
    QCOMPARE(refused[0][0].toInt(), 429);
    QCOMPARE(refused[0][1].toInt(), 37);
    QCOMPARE(refused[0][2].toByteArray(), R"({"limit":5})");
    QVERIFY(client.isIdle());
    QCOMPARE(failed.size(), 0);
}

void TestWebSocketClient::isRefusedByAnAnswerThatIsCutShort()
{
    TinyServer server;
    server.answers.insert("/ws/", [] {
        return QByteArray("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 500\r\nRetry-After: 37\r\n\r\n{\"limit\"");
    });
    WebSocketClient client;
    QSignalSpy refused(&client, &WebSocketClient::refused);
    QSignalSpy failed(&client, &WebSocketClient::failed);
    client.open(target(server));
    QTRY_COMPARE(refused.size() + failed.size(), 1);
    QCOMPARE(failed.size(), 0);
    QCOMPARE(refused[0][0].toInt(), 429);
    QCOMPARE(refused[0][1].toInt(), 37);
    QCOMPARE(refused[0][2].toByteArray(), QByteArray(R"({"limit")"));
    QVERIFY(client.isIdle());
}

void TestWebSocketClient::nobodyListens()
{
    quint16 port = 0;
    {
        const TinyServer server;
        port = server.port();
    }
    WebSocketClient client;
    QSignalSpy failed(&client, &WebSocketClient::failed);
    client.open({ u"127.0.0.1"_s, port, "/", {}, {} });
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(!failed[0][0].toString().isEmpty());
    QVERIFY(client.isIdle());
}

void TestWebSocketClient::notAWebSocketServer_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("other protocol") << QByteArray("220 mail ready\r\n\r\n");
    QTest::newRow("endless head") << QByteArray("HTTP/1.1 101 ") + QByteArray(20'000, 'x');
    QTest::newRow("closes at once") << QByteArray("\r\n");
}

void TestWebSocketClient::notAWebSocketServer()
{
    QFETCH(QByteArray, answer);
    TinyServer server;
    server.answers.insert("/ws/", [answer] { return answer; });
    WebSocketClient client;
    QSignalSpy failed(&client, &WebSocketClient::failed);
    client.open(target(server));
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(client.isIdle());
}

void TestWebSocketClient::wrongAccept()
{
    TinyServer server;
    server.answers.insert("/ws/", [] {
        return QByteArray("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: AAAA\r\n\r\n");
    });
    WebSocketClient client;
    QSignalSpy failed(&client, &WebSocketClient::failed);
    client.open(target(server));
    QTRY_COMPARE(failed.size(), 1);
}

void TestWebSocketClient::lostConnection()
{
    TinyServer server;
    WebSocketClient client;
    QSignalSpy ended(&client, &WebSocketClient::ended);
    client.open(target(server));
    QTRY_VERIFY(client.isOpen());
    QTRY_COMPARE(server.sockets.size(), 1);
    server.sockets[0]->abort();
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(ended[0][0].toInt(), 1006);
}

void TestWebSocketClient::mayBeOpenedAgain()
{
    TinyServer server;
    WebSocketClient client;
    QSignalSpy opened(&client, &WebSocketClient::opened);
    WebSocketTarget to = target(server);
    to.localAddress = QHostAddress(u"127.1.2.3"_s);
    for (int i = 1; i <= 3; ++i) {
        client.open(to);
        client.open(to); // while one is under way: ignored
        QTRY_COMPARE(opened.size(), i);
        client.close();
        QTRY_VERIFY(client.isIdle());
    }
    QCOMPARE(server.heads.size(), 3);
}

void TestWebSocketClient::talksEncrypted()
{
    QTemporaryDir directory;
    QProcess openssl;
    openssl.setWorkingDirectory(directory.path());
    openssl.start(u"openssl"_s,
        { u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, u"ec_paramgen_curve:prime256v1"_s, u"-nodes"_s,
            u"-keyout"_s, u"key.pem"_s, u"-out"_s, u"cert.pem"_s, u"-subj"_s, u"/CN=test"_s, u"-addext"_s,
            u"subjectAltName=IP:127.0.0.1"_s });
    QVERIFY(openssl.waitForFinished() && openssl.exitCode() == 0);
    QFile key(directory.filePath(u"key.pem"_s));
    QVERIFY(key.open(QIODevice::ReadOnly));
    const QList<QSslCertificate> certificates = QSslCertificate::fromPath(directory.filePath(u"cert.pem"_s));
    QCOMPARE(certificates.size(), 1);

    QWebSocketServer server(u"test"_s, QWebSocketServer::SecureMode);
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificate(certificates.first());
    configuration.setPrivateKey(QSslKey(&key, QSsl::Ec));
    server.setSslConfiguration(configuration);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QWebSocketServer::newConnection, &server, [&server] {
        QWebSocket *socket = server.nextPendingConnection();
        socket->setParent(&server);
        connect(socket, &QWebSocket::textMessageReceived, socket,
            [socket](const QString &text) { socket->sendTextMessage(text + u'!'); });
    });
    const WebSocketTarget to{ u"127.0.0.1"_s, server.serverPort(), "/ws/", "abc", {}, {}, true };

    WebSocketClient stranger; // to whom nobody vouches for the server
    QSignalSpy failed(&stranger, &WebSocketClient::failed);
    stranger.open(to);
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY2(failed[0][0].toString().contains(u"certificate"_s), qPrintable(failed[0][0].toString()));

    const QSslConfiguration usual = QSslConfiguration::defaultConfiguration();
    const auto restore = qScopeGuard([&usual] { QSslConfiguration::setDefaultConfiguration(usual); });
    QSslConfiguration trusting = usual;
    trusting.addCaCertificate(certificates.first());
    QSslConfiguration::setDefaultConfiguration(trusting);
    WebSocketClient client;
    QSignalSpy received(&client, &WebSocketClient::textReceived);
    connect(&client, &WebSocketClient::opened, &client, [&client] { client.sendText("hello"); });
    client.open(to);
    QTRY_COMPARE(received.size(), 1);
    QCOMPARE(received[0][0].toByteArray(), QByteArray("hello!"));
}

void TestWebSocketClient::theHostIsNamedAsBrowsersDo_data()
{
    QTest::addColumn<QString>("server");
    QTest::addColumn<QByteArray>("host");
    QTest::newRow("address") << u"127.0.0.1"_s << QByteArray("127.0.0.1");
    QTest::newRow("name") << u"localhost"_s << QByteArray("localhost");
}

void TestWebSocketClient::theHostIsNamedAsBrowsersDo()
{
    QFETCH(QString, server);
    QFETCH(QByteArray, host);
    TinyServer tiny;
    WebSocketClient client;
    WebSocketTarget to = target(tiny);
    to.server = server;
    client.open(to);
    QTRY_COMPARE(tiny.heads.size(), 1);
    QVERIFY2(tiny.heads[0].contains(QByteArray("\r\nHost: " + host + ":" + QByteArray::number(tiny.port()) + "\r\n")),
        tiny.heads[0].constData());
}

QTEST_GUILESS_MAIN(TestWebSocketClient)
#include "tst_websocketclient.moc"
