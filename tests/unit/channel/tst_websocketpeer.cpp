// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtCore/QtEndian>
#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/channel/websocketpeer.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// A peer on one end of a socket pair, with a clock that the test turns; the test is the client on the other end.
class Fixture final : public WebSocketPeerHandler
{
public:
    explicit Fixture(std::chrono::milliseconds awakeTime = kAwakeTime)
    {
        int fds[2]{ -1, -1 };
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        m_fd = fds[1];
        HttpRequest request;
        request.headers = { { "sec-websocket-version", "13" }, { "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==" } };
        peer = std::make_unique<WebSocketPeer>(
            m_loop, std::make_unique<ClientStream>(fds[0], IpAddress(), quint16(1), m_io), *this, awakeTime);
        peer->open(request);
        const QByteArray answer = hear();
        isOpened = answer.startsWith("HTTP/1.1 101 ") && answer.endsWith("\r\n\r\n");
    }
    ~Fixture() override { ::close(m_fd); }
    Q_DISABLE_COPY_MOVE(Fixture)

    bool messageBegins() override { return passes; }
    [[nodiscard]] qint64 maxMessageBytes() const override { return 1000; }
    void textReceived(const QString &text) override
    {
        texts.append(text);
        if (text == QLatin1String("close me"))
            peer->close(CloseCode::KickedByAdmin, "bye");
    }
    void binaryReceived() override { ++binaries; }
    void peerClosed(CloseCode code, bool isByPeer) override
    {
        ++ends;
        closeCode = code;
        wasByPeer = isByPeer;
    }

    void say(const QByteArray &bytes)
    {
        QCOMPARE(::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
        for (int i = 0; i < 5; ++i)
            QCoreApplication::processEvents();
    }
    void sayText(const QByteArray &text) { say(encodeClientFrame(Opcode::Text, text)); }
    /// What has come since the last time.
    QByteArray hear()
    {
        m_outbox.flush();
        char buffer[65536];
        const ssize_t size = ::recv(m_fd, buffer, sizeof buffer, MSG_DONTWAIT);
        return QByteArray(buffer, qMax<ssize_t>(0, size));
    }
    /// What the client has not taken at the end of a turn.
    [[nodiscard]] qint64 left()
    {
        m_outbox.flush();
        return peer->queuedBytes();
    }
    void pass(std::chrono::milliseconds time)
    {
        for (auto passed = 0ms; passed < time; passed += 100ms) {
            m_clock.advance(100ms);
            m_loop.wheel().advance();
        }
    }

private:
    FakeClock m_clock;
    std::vector<Network> m_proxies;
    Poller m_poller;
    Outbox m_outbox;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);
    const StreamIo m_io{ m_poller, m_outbox, m_buffer };
    ConnectionLoop m_loop{ ConnectionLoopEnvironment{
        &m_clock, nullptr, nullptr, &m_proxies } }; ///< lets streams linger
    int m_fd = -1;

public:
    std::unique_ptr<WebSocketPeer> peer;
    bool isOpened = false;
    bool passes = true;
    QStringList texts;
    int binaries = 0;
    int ends = 0;
    CloseCode closeCode = CloseCode::Normal;
    bool wasByPeer = false;
};

QByteArray closeFrame(CloseCode code, const QByteArray &reason = {})
{
    char bytes[2];
    qToBigEndian(quint16(code), bytes);
    return encodeServerFrame(Opcode::Close, QByteArray(bytes, 2).append(reason));
}

QByteArray textFrame(const QByteArray &payload)
{
    return encodeClientFrame(Opcode::Text, payload);
}

const QByteArray kPing = encodeServerFrame(Opcode::Ping, {});

} // namespace

class TestWebSocketPeer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isBornAsleep()
    {
        Fixture fixture;
        QVERIFY(fixture.isOpened);
        QVERIFY(fixture.peer->isOpen());
        QVERIFY(!fixture.peer->isAwake());
    }

    void wakesForAMessageAndFallsAsleepAgain()
    {
        Fixture fixture;
        for (int i = 1; i <= 3; ++i) {
            fixture.sayText("hello");
            QCOMPARE(fixture.texts.size(), i);
            QVERIFY(fixture.peer->isAwake());
            fixture.pass(kAwakeTime - 200ms);
            QVERIFY(fixture.peer->isAwake());
            fixture.pass(500ms);
            QVERIFY(!fixture.peer->isAwake());
            QVERIFY(fixture.peer->isOpen());
        }
        QCOMPARE(fixture.hear(), QByteArray()); // the client has seen nothing of it
    }

    void staysAwakeWhileTheClientTalks()
    {
        Fixture fixture;
        for (int i = 0; i < 5; ++i) {
            fixture.sayText("hello");
            fixture.pass(kAwakeTime - 1s);
            QVERIFY(fixture.peer->isAwake());
        }
        fixture.pass(1500ms);
        QVERIFY(!fixture.peer->isAwake());
    }

    void sleepsAtOnceWhenToldTo()
    {
        Fixture fixture(0ms);
        fixture.say(encodeClientFrame(Opcode::Text, "one") + encodeClientFrame(Opcode::Text, "two"));
        QCOMPARE(fixture.texts, QStringList({ QStringLiteral("one"), QStringLiteral("two") }));
        QVERIFY(!fixture.peer->isAwake());
    }

    void handlesControlFramesAsleep()
    {
        Fixture fixture;
        fixture.say(encodeClientFrame(Opcode::Ping, "are you there"));
        QCOMPARE(fixture.hear(), encodeServerFrame(Opcode::Pong, "are you there"));
        fixture.say(encodeClientFrame(Opcode::Pong, "unasked"));
        QCOMPARE(fixture.hear(), QByteArray());
        QVERIFY(!fixture.peer->isAwake());
        fixture.say(encodeClientFrame(Opcode::Close, closeFrame(CloseCode::GoingAway, "bye").mid(2)));
        QCOMPARE(fixture.hear(), closeFrame(CloseCode::GoingAway));
        QCOMPARE(fixture.ends, 1);
        QVERIFY(fixture.wasByPeer);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::GoingAway));
    }

    void doesNotWakeForWhatItDrops()
    {
        Fixture fixture;
        fixture.passes = false;
        fixture.sayText("over the limit");
        QVERIFY(fixture.texts.isEmpty());
        QVERIFY(!fixture.peer->isAwake());
        fixture.passes = true;
        fixture.say(encodeClientFrame(Opcode::Binary, "x"));
        QCOMPARE(fixture.binaries, 1);
        QVERIFY(!fixture.peer->isAwake());
    }

    void mayBeClosedByItsOwnMessage()
    {
        Fixture fixture;
        fixture.say(encodeClientFrame(Opcode::Text, "close me") + encodeClientFrame(Opcode::Text, "too late"));
        QCOMPARE(fixture.texts, QStringList(QStringLiteral("close me")));
        QCOMPARE(fixture.hear(), closeFrame(CloseCode::KickedByAdmin, "bye"));
        QCOMPARE(fixture.ends, 1);
        QVERIFY(!fixture.peer->isOpen());
    }

    void pingsAndExpectsAPong()
    {
        Fixture fixture;
        for (int i = 0; i < 3; ++i) {
            fixture.pass(kPingInterval - 200ms);
            QCOMPARE(fixture.hear(), QByteArray());
            fixture.pass(500ms);
            QCOMPARE(fixture.hear(), kPing);
            fixture.pass(kPongDeadline - 1s);
            QVERIFY(fixture.peer->isOpen());
            fixture.say(encodeClientFrame(Opcode::Pong, {}));
        }
        fixture.pass(kPingInterval + 500ms);
        QCOMPARE(fixture.hear(), kPing);
        fixture.pass(kPongDeadline - 500ms);
        QVERIFY(fixture.peer->isOpen());
        fixture.pass(1s);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::Abnormal));
        QVERIFY(!fixture.wasByPeer);
    }

    void pingsWhileAwakeToo()
    {
        Fixture fixture;
        for (int i = 0; i < 25; ++i) {
            fixture.sayText("hello");
            fixture.pass(1s);
        }
        fixture.pass(500ms);
        QCOMPARE(fixture.hear(), kPing);
        QVERIFY(fixture.peer->isAwake());
    }

    void waitsForTheRestOfAMessageInBounds_data()
    {
        QTest::addColumn<bool>("isAwake");
        QTest::newRow("asleep") << false;
        QTest::newRow("awake") << true;
    }
    void waitsForTheRestOfAMessageInBounds()
    {
        QFETCH(bool, isAwake);
        Fixture fixture;
        if (isAwake)
            fixture.sayText("hello");
        const QByteArray frame = encodeClientFrame(Opcode::Text, "half a message");
        fixture.say(frame.first(5));
        fixture.pass(kMessageDeadline - 300ms);
        QVERIFY(fixture.peer->isOpen());
        fixture.say(frame.sliced(5)); // just in time
        QCOMPARE(fixture.texts.last(), QStringLiteral("half a message"));
        fixture.say(frame.first(5));
        fixture.pass(1s);
        fixture.say(frame.sliced(5, 1)); // a byte more buys no time
        fixture.pass(kMessageDeadline - 500ms);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::PolicyViolation));
    }

    void answersTheLastPingOnceThereIsRoom()
    {
        Fixture fixture;
        QByteArray heard;
        while (fixture.left() <= kSoftQueueBytes)
            QCOMPARE(fixture.peer->send(encodeServerFrame(Opcode::Text, QByteArray(50'000, 'x'))),
                WebSocketPeer::Sent::Queued);
        for (const char *payload : { "first", "second", "last" })
            fixture.say(encodeClientFrame(Opcode::Ping, payload));
        QTRY_VERIFY((heard += fixture.hear()).endsWith(encodeServerFrame(Opcode::Pong, "last")));
        QVERIFY(!heard.contains("first") && !heard.contains("second"));
        fixture.say(encodeClientFrame(Opcode::Ping, "again"));
        QCOMPARE(fixture.hear(), encodeServerFrame(Opcode::Pong, "again"));
    }

    void skipsWhatMayBeDroppedAndCutsASlowConsumer()
    {
        Fixture fixture;
        const QByteArray frame = encodeServerFrame(Opcode::Text, QByteArray(50'000, 'x'));
        while (fixture.left() <= kSoftQueueBytes)
            QCOMPARE(fixture.peer->send(frame, true), WebSocketPeer::Sent::Queued);
        const qint64 before = fixture.peer->queuedBytes();
        QCOMPARE(fixture.peer->send(frame, true), WebSocketPeer::Sent::Skipped);
        QCOMPARE(fixture.peer->sendText("droppable", true), WebSocketPeer::Sent::Skipped);
        QCOMPARE(fixture.peer->queuedBytes(), before);
        WebSocketPeer::Sent sent = WebSocketPeer::Sent::Queued;
        while (sent == WebSocketPeer::Sent::Queued) {
            QVERIFY(fixture.peer->queuedBytes() <= kHardQueueBytes);
            sent = fixture.peer->send(frame);
        }
        QCOMPARE(sent, WebSocketPeer::Sent::Cut);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::SlowConsumer));
        QCOMPARE(fixture.peer->send(frame), WebSocketPeer::Sent::Cut);
        QCOMPARE(fixture.ends, 1);
    }

    /// What is queued within one turn is no reason to cut a client that reads.
    void doesNotCutForOneLargeTurn()
    {
        Fixture fixture;
        const QByteArray frame = encodeServerFrame(Opcode::Text, QByteArray(50'000, 'x'));
        qsizetype heard = 0;
        for (int i = 0; i < 60; ++i) {
            QCOMPARE(fixture.peer->send(frame), WebSocketPeer::Sent::Queued);
            if (i % 4 == 3) {
                for (QByteArray bytes = fixture.hear(); !bytes.isEmpty(); bytes = fixture.hear())
                    heard += bytes.size();
                for (int turn = 0; turn < 3; ++turn)
                    QCoreApplication::processEvents();
            }
        }
        QTRY_VERIFY((heard += fixture.hear().size()) == 60 * frame.size());
        QVERIFY(fixture.peer->isOpen());
    }

    void cutsAHalfMessage_data()
    {
        QTest::addColumn<QByteArray>("half");
        const QByteArray whole = textFrame("a whole message");
        QTest::newRow("head") << whole.first(1);
        QTest::newRow("payload") << whole.first(12);
        QTest::newRow("behind whole ones") << whole + whole + whole.first(9);
        QByteArray fragment = textFrame("part");
        fragment[0] = char(quint8(Opcode::Text));
        QTest::newRow("fragment") << fragment;
        QTest::newRow("fragment, then a ping") << fragment + encodeClientFrame(Opcode::Ping, {});
    }
    void cutsAHalfMessage()
    {
        QFETCH(QByteArray, half);
        Fixture fixture;
        fixture.say(half);
        fixture.pass(kMessageDeadline - 200ms);
        fixture.say({});
        QCOMPARE(fixture.ends, 0);
        fixture.pass(400ms);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::PolicyViolation));
    }

    void countsFromTheFirstByteOfAMessage()
    {
        Fixture fixture;
        QByteArray fragment = textFrame("part");
        fragment[0] = char(quint8(Opcode::Text));
        const QByteArray pieces[]{ fragment.first(1), fragment.sliced(1), encodeClientFrame(Opcode::Ping, "p") };
        for (const QByteArray &piece : pieces) { // none of them begins the time anew
            fixture.say(piece);
            fixture.pass(3s);
        }
        QCOMPARE(fixture.ends, 0);
        fixture.pass(1500ms);
        QCOMPARE(fixture.ends, 1);
    }

    void givesEachMessageADeadlineOfItsOwn_data()
    {
        QTest::addColumn<bool>("passes");
        QTest::addColumn<int>("split");
        QTest::newRow("within the payload") << true << 12;
        QTest::newRow("within the head") << true << 1;
        QTest::newRow("dropped messages") << false << 12;
    }
    void givesEachMessageADeadlineOfItsOwn()
    {
        QFETCH(bool, passes);
        QFETCH(int, split);
        Fixture fixture;
        fixture.passes = passes;
        const QByteArray whole = textFrame("a whole message");
        fixture.say(whole.first(split));
        for (int i = 0; i < 8; ++i) { // every read ends within a message, and every message arrives within 3 s
            fixture.pass(3s);
            fixture.say(whole.sliced(split) + whole.first(split));
        }
        QCOMPARE(fixture.ends, 0);
        QCOMPARE(fixture.texts.size(), passes ? 8 : 0);
        fixture.pass(kMessageDeadline + 300ms); // but for the last
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::PolicyViolation));
    }

    void isLostOnce()
    {
        Fixture fixture;
        fixture.say(textFrame("hello"));
        fixture.say(encodeClientFrame(Opcode::Close, QByteArray::fromHex("03e8")));
        QCOMPARE(fixture.ends, 1);
        QVERIFY(fixture.wasByPeer);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::Normal));
        fixture.pass(60s);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(fixture.peer->sendText("x"), WebSocketPeer::Sent::Cut);
    }
};

QTEST_GUILESS_MAIN(TestWebSocketPeer)
#include "tst_websocketpeer.moc"
