// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "server/net/guardedsocket.h"
#include "server/net/websocketupgrader.h"

using namespace gatehouse;

namespace {

class Sink final : public GuardedSocketSink
{
public:
    void socketWrote(QByteArrayView bytes) override { written += bytes.toByteArray(); }
    void socketClosed() override { ++closes; }
    [[nodiscard]] qint64 socketBytesToWrite() const override { return 42; }

    QByteArray written;
    int closes = 0;
};

HttpRequest handshake()
{
    HttpRequest request;
    request.method = "GET";
    request.path = "/ws/notifications/";
    request.isUpgrade = true;
    request.headers = { { "sec-websocket-version", "13" }, { "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==" } };
    return request;
}

} // namespace

class TestGuardedSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsWhatIsNotReadAndOffersItAgain()
    {
        Sink sink;
        GuardedSocket socket(sink, IpAddress::fromIpv4(0x7f000001), 4711);
        QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
        QCOMPARE(socket.peerPort(), quint16(4711));
        QSignalSpy offered(&socket, &QIODevice::readyRead);
        socket.feed("hello ");
        QCOMPARE(socket.bytesAvailable(), 6);
        QCOMPARE(socket.read(2), "he");
        socket.feed("world");
        QCOMPARE(offered.size(), 2);
        QCOMPARE(socket.readAll(), "llo world");
        QCOMPARE(socket.bytesAvailable(), 0);
    }

    void writesToItsSinkUntilDetached()
    {
        Sink sink;
        GuardedSocket socket(sink, {}, 1);
        QCOMPARE(socket.write("abc"), 3);
        QCOMPARE(sink.written, "abc");
        QCOMPARE(socket.bytesToWrite(), 42);
        socket.detach();
        QCOMPARE(socket.write("def"), 3);
        QCOMPARE(sink.written, "abc");
        QCOMPARE(socket.bytesToWrite(), 0);
    }

    void tellsItsEndOnce()
    {
        Sink sink;
        GuardedSocket socket(sink, {}, 1);
        QSignalSpy disconnected(&socket, &QAbstractSocket::disconnected);
        socket.feed("unread");
        socket.close();
        socket.disconnectFromHost();
        socket.lose();
        QCOMPARE(sink.closes, 1);
        QCOMPARE(disconnected.size(), 1);
        QCOMPARE(socket.bytesAvailable(), 0);
    }

    void losesWithoutAWordToTheSink()
    {
        Sink sink;
        GuardedSocket socket(sink, {}, 1);
        socket.lose();
        QCOMPARE(sink.closes, 0);
        QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    }

    void checksTheOpeningHandshake_data()
    {
        QTest::addColumn<QByteArray>("version");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<int>("status");
        const QByteArray good = "dGhlIHNhbXBsZSBub25jZQ==";
        QTest::newRow("good") << QByteArray("13") << good << 0;
        QTest::newRow("version 8") << QByteArray("8") << good << 426;
        QTest::newRow("no version") << QByteArray() << good << 426;
        QTest::newRow("no key") << QByteArray("13") << QByteArray() << 400;
        QTest::newRow("key of 15 bytes") << QByteArray("13") << QByteArray(15, 'a').toBase64() << 400;
        QTest::newRow("key of 17 bytes") << QByteArray("13") << QByteArray(17, 'a').toBase64() << 400;
        QTest::newRow("key that is no base64") << QByteArray("13") << QByteArray("!!!!!!!!!!!!!!!!!!!!!!==") << 400;
    }
    void checksTheOpeningHandshake()
    {
        QFETCH(QByteArray, version);
        QFETCH(QByteArray, key);
        QFETCH(int, status);
        HttpRequest request = handshake();
        request.headers = { { "sec-websocket-version", version }, { "sec-websocket-key", key } };
        const std::optional<HttpResponse> answer = checkOpeningHandshake(request);
        QCOMPARE(answer ? answer->status : 0, status);
    }

    void upgrades()
    {
        Sink sink;
        WebSocketUpgrader upgrader;
        auto *socket = new GuardedSocket(sink, {}, 1);
        HttpRequest request = handshake();
        request.headers.push_back({ "sec-websocket-protocol", "chat, gatehouse.v1, bearer.secret" });
        QWebSocket *webSocket = upgrader.upgrade(*socket, request);
        QVERIFY(webSocket);
        QVERIFY(sink.written.startsWith("HTTP/1.1 101 "));
        QVERIFY(sink.written.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")); // the RFC's own example, section 1.3
        QVERIFY(sink.written.contains("gatehouse.v1"));
        QVERIFY(!sink.written.contains("secret"));
        socket->detach();
        delete webSocket;
    }
};

QTEST_GUILESS_MAIN(TestGuardedSocket)
#include "tst_guardedsocket.moc"
