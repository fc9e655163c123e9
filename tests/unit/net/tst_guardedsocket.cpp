// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "server/channel/framecodec.h"
#include "server/net/guardedsocket.h"
#include "server/net/websocketupgrader.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

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
        GuardedSocket socket({});
        QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
        QSignalSpy offered(&socket, &QIODevice::readyRead);
        socket.feed("hello ");
        QCOMPARE(socket.bytesAvailable(), 6);
        QCOMPARE(socket.read(2), "he");
        socket.feed("world");
        QCOMPARE(offered.size(), 2);
        QCOMPARE(socket.readAll(), "llo world");
        QCOMPARE(socket.bytesAvailable(), 0);
    }

    void takesWhatIsWrittenAndKeepsNothing()
    {
        GuardedSocket socket({});
        QCOMPARE(socket.write("abc"), 3);
        QCOMPARE(socket.bytesToWrite(), 0);
    }

    void tellsItsEndOnce()
    {
        int closes = 0;
        GuardedSocket socket([&closes] { ++closes; });
        QSignalSpy disconnected(&socket, &QAbstractSocket::disconnected);
        socket.feed("unread");
        socket.close();
        socket.disconnectFromHost();
        socket.lose();
        QCOMPARE(closes, 1);
        QCOMPARE(disconnected.size(), 1);
        QCOMPARE(socket.bytesAvailable(), 0);
    }

    void losesWithoutAWord()
    {
        int closes = 0;
        GuardedSocket socket([&closes] { ++closes; });
        socket.lose();
        QCOMPARE(closes, 0);
        QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    }

    void mayBeDestroyedOpen()
    {
        int closes = 0;
        {
            GuardedSocket socket([&closes] { ++closes; });
            socket.feed("unread");
        }
        QCOMPARE(closes, 0);
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
        const std::optional<MalformedRequest> bad = checkOpeningHandshake(request);
        QCOMPARE(bad ? bad->problem.status : 0, status);
        if (!bad)
            return;
        const HttpResponse answer = badHandshakeAnswer(bad->problem);
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.headers.at(0), std::pair(QByteArray("Sec-WebSocket-Version"), QByteArray("13")));
    }

    void refusesWhatABrowserWouldNotOpen_data()
    {
        QTest::addColumn<QByteArray>("offered");
        QTest::addColumn<bool>("isGood");
        QTest::newRow("nothing") << QByteArray() << true;
        QTest::newRow("ours between commas") << QByteArray(",, gatehouse.v1 ,") << true;
        QTest::newRow("only commas") << QByteArray(" , ") << true;
        QTest::newRow("ours") << QByteArray("gatehouse.v1") << true;
        QTest::newRow("ours and a token") << QByteArray("bearer.secret,gatehouse.v1") << true;
        QTest::newRow("ours among others") << QByteArray("chat, gatehouse.v1") << true;
        QTest::newRow("another") << QByteArray("notifications") << false;
        QTest::newRow("a token alone") << QByteArray("bearer.secret") << false;
        QTest::newRow("ours in capitals") << QByteArray("GATEHOUSE.V1") << false;
        QTest::newRow("almost ours") << QByteArray("gatehouse.v10") << false;
    }
    void refusesWhatABrowserWouldNotOpen()
    {
        QFETCH(QByteArray, offered);
        QFETCH(bool, isGood);
        HttpRequest request = handshake();
        request.headers.push_back({ "sec-websocket-protocol", offered });
        const std::optional<MalformedRequest> bad = checkOpeningHandshake(request);
        QCOMPARE(!bad, isGood);
        if (isGood)
            return;
        QCOMPARE(bad->kind, MalformedKind::Subprotocol);
        QCOMPARE(bad->problem.status, 400);
        QVERIFY(bad->problem.detail.contains(u"gatehouse.v1"_s));
        QVERIFY(!badHandshakeAnswer(bad->problem).body.contains("secret"));
    }

    void answersTheOpeningHandshake()
    {
        const QByteArray answer = openingHandshakeAnswer(handshake());
        QVERIFY(answer.startsWith("HTTP/1.1 101 "));
        QVERIFY(answer.endsWith("\r\n\r\n"));
        QVERIFY(answer.contains("\r\nUpgrade: websocket\r\n"));
        QVERIFY(answer.contains("\r\nConnection: Upgrade\r\n"));
        QVERIFY(answer.contains(
            "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")); // the RFC's own example, section 1.3
        QVERIFY(!answer.contains("Sec-WebSocket-Protocol"));
    }

    void choosesItsOwnSubprotocolAlone()
    {
        HttpRequest request = handshake();
        request.headers.push_back({ "sec-websocket-protocol", "chat, gatehouse.v1, bearer.secret" });
        const QByteArray answer = openingHandshakeAnswer(request);
        QVERIFY(answer.contains("\r\nSec-WebSocket-Protocol: gatehouse.v1\r\n"));
        QVERIFY(!answer.contains("secret"));
        QVERIFY(!answer.contains("chat"));
    }

    void leavesTheSocketToTheCaller()
    {
        // The server keeps no connection to what it has upgraded: with thousands awake each end of one took it as many
        // steps.
        WebSocketUpgrader upgrader;
        auto *socket = new GuardedSocket({});
        const QPointer<GuardedSocket> seen = socket;
        const std::unique_ptr<QWebSocket> webSocket(upgrader.upgrade(*socket));
        QVERIFY(webSocket);
        socket->lose();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QVERIFY(seen); // or the server has heard of it, and deleted it
        delete seen.data();
    }

    void putsAWebSocketOverAnySocket()
    {
        WebSocketUpgrader upgrader;
        for (int i = 0; i < 3; ++i) {
            const auto socket = std::make_unique<GuardedSocket>(std::function<void()>());
            const std::unique_ptr<QWebSocket> webSocket(upgrader.upgrade(*socket));
            QVERIFY(webSocket);
            QString received;
            connect(webSocket.get(), &QWebSocket::textMessageReceived, this,
                [&received](const QString &text) { received = text; });
            socket->feed(encodeClientFrame(Opcode::Text, "สวัสดี"));
            QCOMPARE(received, QStringLiteral("สวัสดี"));
            socket->lose();
        }
    }
};

QTEST_GUILESS_MAIN(TestGuardedSocket)
#include "tst_guardedsocket.moc"
