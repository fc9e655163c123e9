// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtCore/QtEndian>
#include <QtTest/QTest>

#include "server/channel/websocketpeer.h"
#include "tests/support/streamrig.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// A peer, whose client the test is.
class Fixture final : public StreamRig, public WebSocketPeerHandler
{
public:
    explicit Fixture(std::chrono::milliseconds awakeTime = kAwakeTime)
        : peer(std::make_unique<WebSocketPeer>(connectionLoop(), takeStream(), *this, awakeTime))
    {
        peer->open(upgradeRequest());
        const QByteArray answer = hear();
        isOpened = answer.startsWith("HTTP/1.1 101 ") && answer.endsWith("\r\n\r\n");
    }

    bool messageBegins() override { return passes; }
    [[nodiscard]] qint64 maxMessageBytes() const override { return 1000; }
    void textReceived(const QString &text) override
    {
        texts.append(text);
        if (text == QLatin1String("close me"))
            peer->close(CloseCode::KickedByAdmin, "bye");
    }
    void binaryReceived() override { ++binaries; }
    QByteArray peerTooSlow(Slowness how, qint64 queuedBytes) override
    {
        slowness = how;
        queuedThen = queuedBytes;
        return R"({"r":"slow_consumer"})";
    }
    void peerClosed(CloseCode code, bool isByPeer) override
    {
        ++ends;
        closeCode = code;
        wasByPeer = isByPeer;
    }

    /// What the client has not taken at the end of a turn.
    [[nodiscard]] qint64 left()
    {
        outbox().flush();
        return peer->queuedBytes();
    }
    /// Reads so much, as the kernel hands it out, and lets the server write what there is room for then.
    qsizetype read(qsizetype bytes)
    {
        const qsizetype size = received(bytes).size();
        for (int i = 0; i < 3; ++i)
            QCoreApplication::processEvents();
        return size;
    }
    /// Until the kernel takes no more; fewer bytes are queued than what is droppable is skipped for.
    void fill()
    {
        while (left() == 0)
            QCOMPARE(peer->send(encodeServerFrame(Opcode::Text, QByteArray(50'000, 'x'))), WebSocketPeer::Sent::Queued);
    }

    [[nodiscard]] qint64 awakeBytes() { return connectionLoop().held().bytes(MemoryHolder::Connections); }

    std::unique_ptr<WebSocketPeer> peer;
    bool isOpened = false;
    bool passes = true;
    QStringList texts;
    int binaries = 0;
    int ends = 0;
    CloseCode closeCode = CloseCode::Normal;
    bool wasByPeer = false;
    std::optional<Slowness> slowness;
    qint64 queuedThen = 0;
};

/// Whether it is a ping, and what it says.
std::optional<QByteArray> pingSays(const QByteArray &frame)
{
    const bool isPing = frame.size() >= 2 && frame.startsWith(char(0x80 | quint8(Opcode::Ping)));
    return isPing && frame.size() == 2 + frame.at(1) ? std::optional(frame.sliced(2)) : std::nullopt;
}

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
            const std::optional<QByteArray> ping = pingSays(fixture.hear());
            QVERIFY(ping);
            fixture.pass(kPongDeadline - 1s);
            QVERIFY(fixture.peer->isOpen());
            fixture.say(encodeClientFrame(Opcode::Pong, *ping));
        }
        fixture.pass(kPingInterval + 500ms);
        QVERIFY(pingSays(fixture.hear()));
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
        QVERIFY(pingSays(fixture.hear()));
        QVERIFY(fixture.peer->isAwake());
    }

    /// A pong counts for the ping that it answers, and for no other. It is no error either.
    void takesNoPongForAnAnswerThatIsNone_data()
    {
        QTest::addColumn<bool>("isAnswered");
        QTest::addColumn<QByteArray>("instead");
        QTest::newRow("answered") << true << QByteArray();
        QTest::newRow("empty") << false << QByteArray();
        QTest::newRow("zeros") << false << QByteArray(8, '\0');
        QTest::newRow("of another length") << false << QByteArray(125, 'x');
        QTest::newRow("the last ping's") << false << QByteArray("last");
    }
    void takesNoPongForAnAnswerThatIsNone()
    {
        QFETCH(bool, isAnswered);
        QFETCH(QByteArray, instead);
        Fixture fixture;
        fixture.pass(kPingInterval + 300ms);
        const std::optional<QByteArray> first = pingSays(fixture.hear());
        QVERIFY(first && first->size() >= 8);
        fixture.say(encodeClientFrame(Opcode::Pong, *first));
        fixture.pass(kPingInterval + 300ms);
        const std::optional<QByteArray> second = pingSays(fixture.hear());
        QVERIFY(second && *second != *first);
        const QByteArray wrong = instead == "last" ? *first : instead;
        for (int i = 0; i < 5; ++i) {
            fixture.say(encodeClientFrame(Opcode::Pong, wrong));
            fixture.pass(1s);
        }
        QVERIFY(fixture.peer->isOpen());
        if (isAnswered)
            fixture.say(encodeClientFrame(Opcode::Pong, *second));
        fixture.pass(kPongDeadline - 4s);
        QCOMPARE(fixture.peer->isOpen(), isAnswered);
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
        QVERIFY(fixture.slowness == Slowness::Bytes);
        QVERIFY(fixture.queuedThen > kHardQueueBytes);
        QCOMPARE(fixture.peer->send(frame), WebSocketPeer::Sent::Cut);
        QCOMPARE(fixture.ends, 1);
    }

    void cutsWhoDoesNotListen_data()
    {
        QTest::addColumn<bool>("isAwake");
        QTest::addColumn<bool>("pongs");
        QTest::addColumn<int>("bytesPerSecond");
        QTest::newRow("deaf, asleep") << false << false << 0;
        QTest::newRow("deaf, awake") << true << false << 0;
        QTest::newRow("deaf, with pongs") << false << true << 0;
        QTest::newRow("a byte a second") << false << false << 1;
        QTest::newRow("200 bytes a second, with pongs") << false << true << 200;
        QTest::newRow("2000 bytes a second, awake") << true << true << 2000;
    }
    void cutsWhoDoesNotListen()
    {
        QFETCH(bool, isAwake);
        QFETCH(bool, pongs);
        QFETCH(int, bytesPerSecond);
        Fixture fixture;
        fixture.fill();
        QVERIFY(fixture.peer->sendText(QByteArray(200'000, 'y')) == WebSocketPeer::Sent::Queued); // one large frame
        for (int second = 0; second < kQueueDeadline.count(); ++second) {
            QCOMPARE(fixture.ends, 0);
            if (isAwake)
                fixture.sayText("I am here");
            if (pongs)
                fixture.say(encodeClientFrame(Opcode::Pong, {}));
            if (bytesPerSecond > 0)
                fixture.read(bytesPerSecond);
            fixture.peer->send(encodeServerFrame(Opcode::Text, "news"));
            fixture.pass(1s);
        }
        fixture.pass(300ms);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::SlowConsumer));
        QVERIFY(fixture.slowness == Slowness::Age && fixture.queuedThen > 0);
    }

    /// Whoever takes each frame within the deadline stays, however much is queued behind it.
    void keepsASlowReaderThatKeepsUp()
    {
        Fixture fixture;
        fixture.fill();
        for (auto passed = 0s; passed < kPingInterval - 1s; passed += 1s) { // before a ping is due
            while (fixture.left() < 100'000)
                fixture.peer->send(encodeServerFrame(Opcode::Text, QByteArray(10'000, 'x')));
            QVERIFY(fixture.read(60'000) > 0);
            fixture.pass(1s);
            QCOMPARE(fixture.ends, 0);
        }
    }

    /// While the process was stopped, nobody could be heard, and nobody is late for it.
    void isNotCutForTheServersOwnPause()
    {
        Fixture fixture;
        fixture.fill();
        fixture.pass(5s);
        fixture.jump(60s);
        QCOMPARE(fixture.ends, 0);
        fixture.pass(4s);
        QCOMPARE(fixture.ends, 0);
        fixture.pass(1500ms);
        QCOMPARE(fixture.ends, 1);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::SlowConsumer));
    }

    void dropsFirstWhenMemoryIsShort()
    {
        Fixture fixture;
        fixture.fill();
        const QByteArray frame = encodeServerFrame(Opcode::Text, "droppable");
        QCOMPARE(fixture.peer->send(frame, true), WebSocketPeer::Sent::Queued);
        fixture.memory.level = MemoryLevel::DropDroppable;
        QCOMPARE(fixture.peer->send(frame, true), WebSocketPeer::Sent::Skipped);
        QCOMPARE(fixture.peer->send(frame), WebSocketPeer::Sent::Queued);
        while (fixture.left() > 0)
            fixture.read(100'000);
        QCOMPARE(fixture.peer->send(frame, true), WebSocketPeer::Sent::Queued); // to whoever takes it
    }

    void nobodyStaysAwakeWhenMemoryIsShort()
    {
        Fixture fixture;
        fixture.sayText("hello");
        QVERIFY(fixture.peer->isAwake() && fixture.awakeBytes() > 1000);
        fixture.memory.level = MemoryLevel::DropDroppable;
        fixture.sayText("again");
        QCOMPARE(fixture.texts.size(), 2);
        QVERIFY(!fixture.peer->isAwake() && fixture.awakeBytes() == 0);
    }

    void isCutForItsMemory()
    {
        Fixture fixture;
        fixture.fill();
        fixture.pass(2s);
        QCOMPARE(fixture.peer->waitingFor(), std::optional<std::chrono::milliseconds>(2s));
        fixture.peer->cutForMemory();
        QCOMPARE(fixture.ends, 1);
        QVERIFY(fixture.slowness == Slowness::Memory);
        QCOMPARE(int(fixture.closeCode), int(CloseCode::SlowConsumer));
    }

    /// What a slow consumer has begun to read it gets whole, and then why it was cut.
    void tellsASlowConsumerWhyItWasCut()
    {
        Fixture fixture;
        fixture.fill(); // with frames of 50,000 bytes
        fixture.peer->sendText("never heard");
        fixture.pass(kQueueDeadline + 300ms);
        QCOMPARE(fixture.ends, 1);
        QByteArray heard;
        const QByteArray last = closeFrame(CloseCode::SlowConsumer, R"({"r":"slow_consumer"})");
        QTRY_VERIFY((heard += fixture.hear()).endsWith(last));
        QVERIFY(!heard.contains("never heard"));
        QCOMPARE((heard.size() - last.size()) % encodeServerFrame(Opcode::Text, QByteArray(50'000, 'x')).size(), 0);
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
