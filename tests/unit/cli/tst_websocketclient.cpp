// SPDX-License-Identifier: GPL-3.0-or-later
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
    void nobodyListens();
    void notAWebSocketServer_data();
    void notAWebSocketServer();
    void wrongAccept();
    void lostConnection();
    void mayBeOpenedAgain();

private:
    static WebSocketTarget target(const TinyServer &server, const QByteArray &path = "/ws/")
    {
        return { QHostAddress(QHostAddress::LocalHost), server.port(), path, {}, {}, {} };
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
        "/ws/", [] { return TinyServer::response("429 Too Many Requests", "{}", "Retry-After: 37\r\n"); });
    WebSocketClient client;
    QSignalSpy refused(&client, &WebSocketClient::refused);
    QSignalSpy failed(&client, &WebSocketClient::failed);
    client.open(target(server));
    QTRY_COMPARE(refused.size(), 1);
    QCOMPARE(refused[0][0].toInt(), 429);
    QCOMPARE(refused[0][1].toInt(), 37);
    QVERIFY(client.isIdle());
    QCOMPARE(failed.size(), 0);
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
    client.open({ QHostAddress(QHostAddress::LocalHost), port, "/", {}, {}, {} });
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

QTEST_GUILESS_MAIN(TestWebSocketClient)
#include "tst_websocketclient.moc"
