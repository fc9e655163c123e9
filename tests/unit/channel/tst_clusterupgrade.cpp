// SPDX-License-Identifier: GPL-3.0-or-later
// Upgrades on real sockets that wait for the word of other nodes.
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include <sys/socket.h>

#include "tests/support/channelclient.h"
#include "tests/support/channelfixture.h"
#include "tests/support/fakepeeradmission.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

const PeerVerdict kAdmitted{ PeerVerdict::Kind::Admitted, 1 };

struct Waiting
{
    FakePeerAdmission peers;
    ChannelFixture fixture{ 1, {}, { u"app.example"_s }, {}, kAwakeTime, &peers };
};

/// A handshake by hand, with what comes behind it in the same segment.
struct RawClient
{
    explicit RawClient(quint16 port, const QByteArray &query = {}, const QByteArray &behind = {})
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this] { heard += socket.readAll(); });
        socket.connectToHost(u"127.0.0.1"_s, port);
        socket.write("GET /ws/notifications/?token=42" + query
            + " HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            + behind);
    }
    QTcpSocket socket;
    QByteArray heard;
};

} // namespace

class TestClusterUpgrade : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensWhenTheClusterAdmits()
    {
        Waiting waiting;
        // A masked ping with nothing in it waits behind the handshake.
        RawClient client(waiting.fixture.port, {}, QByteArray::fromHex("898000000000"));
        QTRY_COMPARE(waiting.peers.questions(), 1U);
        QCOMPARE(waiting.fixture.sum(&WorkerCounters::activeConnections), 0);
        QVERIFY(client.heard.isEmpty());
        const PeerAttempt asked = waiting.peers.answer(kAdmitted);
        QCOMPARE(asked.user, u"42"_s);
        QVERIFY(asked.bucket && asked.usesBudget);
        QTRY_VERIFY(client.heard.startsWith("HTTP/1.1 101"));
        QTRY_VERIFY(client.heard.contains("notifications_list"));
        QTRY_VERIFY(client.heard.endsWith(QByteArray::fromHex("8a00"))); // the pong
        QCOMPARE(waiting.fixture.sum(&WorkerCounters::activeConnections), 1);
        client.socket.abort();
        QTRY_COMPARE(waiting.fixture.users.openInAll(), 0);
        QStringList told;
        QTRY_COMPARE((told += waiting.peers.told()).size(), 2); // the address and the user
    }

    void answersWithTheRefusal()
    {
        Waiting waiting;
        RawClient plain(waiting.fixture.port);
        QTRY_COMPARE(waiting.peers.questions(), 1U);
        RawClient closing(waiting.fixture.port, "&refusal=close");
        QTRY_COMPARE(waiting.peers.questions(), 2U);
        PeerVerdict verdict{ PeerVerdict::Kind::Refused, 1 };
        verdict.findings = { { Reason::TooManyConnections, {}, 5, 6 } };
        (void)waiting.peers.answer(verdict);
        QTRY_VERIFY(plain.heard.startsWith("HTTP/1.1 429"));
        QTRY_VERIFY(plain.heard.contains(R"("observed":6)"));
        (void)waiting.peers.answer(verdict);
        QTRY_VERIFY(closing.heard.startsWith("HTTP/1.1 101"));
        QTRY_VERIFY(closing.heard.contains("too_many_connections"));
        QTRY_COMPARE(waiting.fixture.users.openInAll(), 0);
        QCOMPARE(waiting.fixture.sink.decisions().size(), 2U);
        QVERIFY(waiting.peers.told().isEmpty());
    }

    void theClientMayGoAwayMeanwhile_data()
    {
        QTest::addColumn<bool>("isHalfClosed");
        QTest::newRow("for good") << false;
        QTest::newRow("says no more") << true; // and so could not be a WebSocket
    }
    void theClientMayGoAwayMeanwhile()
    {
        QFETCH(bool, isHalfClosed);
        Waiting waiting;
        auto client = std::make_unique<RawClient>(waiting.fixture.port);
        QTRY_COMPARE(waiting.peers.questions(), 1U);
        QCOMPARE(waiting.fixture.users.openInAll(), 1);
        if (isHalfClosed)
            ::shutdown(int(client->socket.socketDescriptor()), SHUT_WR);
        else
            client->socket.abort();
        QTRY_COMPARE(waiting.fixture.users.openInAll(), 0);
        (void)waiting.peers.answer(kAdmitted);
        QStringList told;
        QTRY_COMPARE((told += waiting.peers.told()).size(), 2);
        QCOMPARE(told.last(), u"leave 42"_s);
        QCOMPARE(waiting.fixture.sum(&WorkerCounters::activeConnections), 0);
    }

    void whoHasSaidNoMoreBeforeIsNotWaitedFor()
    {
        Waiting waiting;
        QTcpSocket socket;
        QByteArray heard;
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] { heard += socket.readAll(); });
        socket.connectToHost(u"127.0.0.1"_s, waiting.fixture.port);
        socket.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /ws/notifications/?token=42 HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n"
                     "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        QTRY_COMPARE(socket.bytesToWrite(), 0);
        ::shutdown(int(socket.socketDescriptor()), SHUT_WR);
        QTRY_VERIFY(heard.startsWith("HTTP/1.1 200"));
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(waiting.fixture.users.openInAll(), 0);
        QVERIFY(!heard.contains("HTTP/1.1 101"));
    }

    void aDrainThatBeginsMeanwhileRefuses()
    {
        Waiting waiting;
        RawClient client(waiting.fixture.port);
        QTRY_COMPARE(waiting.peers.questions(), 1U);
        waiting.fixture.isDraining = true;
        (void)waiting.peers.answer(kAdmitted);
        QTRY_VERIFY(client.heard.startsWith("HTTP/1.1 503"));
        QCOMPARE(waiting.peers.told().value(0).left(12), u"take back 42"_s); // before the answer went out
    }

    void theServerMayEndMeanwhile()
    {
        FakePeerAdmission peers;
        auto fixture = std::make_unique<ChannelFixture>(
            2, LimitSet(), QStringList{ u"app.example"_s }, std::vector<Network>{}, kAwakeTime, &peers);
        RawClient client(fixture->port);
        QTRY_COMPARE(peers.questions(), 1U);
        fixture.reset();
        QTRY_COMPARE(client.socket.state(), QAbstractSocket::UnconnectedState);
    }
};

QTEST_GUILESS_MAIN(TestClusterUpgrade)
#include "tst_clusterupgrade.moc"
