// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

#include <QtCore/QtEndian>
#include <QtTest/QTest>

#include "server/channel/frameguard.h"

using namespace gatehouse;

namespace {

/// Writes down what the guard finds: "begin", "text:…", "binary:…", "ping:…", "pong:…", "close:…", then "!1002".
class Recorder final : public FrameHandler
{
public:
    bool messageBegins() override
    {
        log += "begin ";
        if (stopsAtBegin && stopping)
            stopping->stop();
        return !skips;
    }
    void messageReceived(Opcode opcode, QByteArrayView payload) override
    {
        log += (opcode == Opcode::Text ? "text:" : "binary:") + QByteArray::number(payload.size()) + ' ';
        last = payload.toByteArray();
        if (stopping)
            stopping->stop();
    }
    void pingReceived(QByteArrayView payload) override
    {
        log += "ping:" + payload.toByteArray() + ' ';
        if (stopping)
            stopping->stop();
    }
    void pongReceived(QByteArrayView payload) override { log += "pong:" + payload.toByteArray() + ' '; }
    void closeReceived(QByteArrayView payload) override { log += "close:" + QByteArray::number(payload.size()) + ' '; }

    QByteArray log;
    QByteArray last;
    bool skips = false;
    FrameGuard *stopping = nullptr; ///< stopped within the next call, as when the connection is closed from there
    bool stopsAtBegin = false;
};

/// A client's frame, masked with a key that is not zero.
QByteArray frame(int opcode, const QByteArray &payload, bool isFinal = true, int reserved = 0, bool isMasked = true)
{
    QByteArray bytes(1, char((isFinal ? 0x80 : 0) | reserved | opcode));
    const int maskBit = isMasked ? 0x80 : 0;
    if (payload.size() < 126) {
        bytes += char(maskBit | int(payload.size()));
    } else if (payload.size() <= 0xffff) {
        bytes += char(maskBit | 126);
        bytes += char(payload.size() >> 8);
        bytes += char(payload.size() & 0xff);
    } else {
        bytes += char(maskBit | 127);
        char length[8];
        qToBigEndian(quint64(payload.size()), length);
        bytes.append(length, 8);
    }
    if (!isMasked)
        return bytes + payload;
    constexpr char kKey[] = { 0x11, char(0xa2), 0x33, char(0xc4) };
    bytes.append(kKey, 4);
    for (qsizetype i = 0; i < payload.size(); ++i)
        bytes += char(payload[i] ^ kKey[i % 4]);
    return bytes;
}

QByteArray closePayload(int code, const QByteArray &reason = {})
{
    QByteArray payload;
    payload += char(code >> 8);
    payload += char(code & 0xff);
    return payload + reason;
}

QByteArray run(const QByteArray &bytes, qsizetype pieceSize, qint64 maxBytes = 65536, bool skips = false)
{
    FrameGuard guard;
    Recorder recorder;
    recorder.skips = skips;
    for (qsizetype i = 0; i < bytes.size(); i += pieceSize) {
        if (const auto violation
            = guard.feed(QByteArrayView(bytes).sliced(i, qMin(pieceSize, bytes.size() - i)), maxBytes, recorder))
            return recorder.log + '!' + QByteArray::number(int(violation->code));
    }
    return recorder.log.trimmed();
}

} // namespace

class TestFrameGuard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judges_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("outcome");
        const auto row = [](const char *name, const QByteArray &bytes, const char *outcome) {
            QTest::newRow(name) << bytes << QByteArray(outcome);
        };
        row("text", frame(1, "hello"), "begin text:5");
        row("empty text", frame(1, ""), "begin text:0");
        row("binary", frame(2, QByteArray(3, '\xff')), "begin binary:3");
        row("125 bytes", frame(1, QByteArray(125, 'a')), "begin text:125");
        row("126 bytes", frame(1, QByteArray(126, 'a')), "begin text:126");
        row("65535 bytes", frame(1, QByteArray(65535, 'a')), "begin text:65535");
        row("exactly the limit", frame(1, QByteArray(65536, 'a')), "begin text:65536");
        row("one more", frame(1, QByteArray(65537, 'a')), "!1009");
        row("two messages", frame(1, "a") + frame(1, "bc"), "begin text:1 begin text:2");
        row("two fragments", frame(1, "a", false) + frame(0, "bc"), "begin text:3");
        row("empty fragments", frame(1, "", false) + frame(0, "", false) + frame(0, ""), "begin text:0");
        row("ping between fragments", frame(1, "a", false) + frame(9, "x") + frame(0, "b"), "begin ping:x text:2");
        row("fragments over the limit", frame(1, QByteArray(40000, 'a'), false) + frame(0, QByteArray(40000, 'a')),
            "begin !1009");
        row("ping", frame(9, "abc"), "ping:abc");
        row("unsolicited pong", frame(10, "abc"), "pong:abc");
        row("ping of 125", frame(9, QByteArray(125, 'p')), QByteArray("ping:" + QByteArray(125, 'p')).constData());
        row("ping of 126", frame(9, QByteArray(126, 'p')), "!1002");
        row("fragmented ping", frame(9, "a", false), "!1002");
        row("fragmented close", frame(8, "", false), "!1002");
        row("unmasked text", frame(1, "a", true, 0, false), "!1002");
        row("unmasked ping", frame(9, "", true, 0, false), "!1002");
        row("reserved bit 1", frame(1, "a", true, 0x40), "!1002");
        row("reserved bit 2", frame(1, "a", true, 0x20), "!1002");
        row("reserved bit 3", frame(9, "a", true, 0x10), "!1002");
        for (const int opcode : { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 })
            QTest::addRow("opcode %d", opcode) << frame(opcode, "a") << QByteArray("!1002");
        row("continuation without message", frame(0, "a"), "!1002");
        row("text within message", frame(1, "a", false) + frame(1, "b"), "begin !1002");
        row("continuation after the end", frame(1, "a") + frame(0, "b"), "begin text:1 !1002");
        row("long form of a short length", QByteArray("\x81\xfe\x00\x05\x00\x00\x00\x00hello", 13), "!1002");
        row("longest form of a short length",
            QByteArray("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00", 14), "!1002");
        row("8 GB", QByteArray("\x81\xff\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00", 14), "!1009");
        row("2^63", QByteArray("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 14), "!1009");
        row("text of bad UTF-8", frame(1, "\xff"), "begin !1007");
        row("overlong UTF-8", frame(1, "\xc0\xaf"), "begin !1007");
        row("surrogate", frame(1, "\xed\xa0\x80"), "begin !1007");
        row("above U+10FFFF", frame(1, "\xf4\x90\x80\x80"), "begin !1007");
        row("cut UTF-8", frame(1, "\xe2\x82"), "begin !1007");
        row("bad before the message ends", frame(1, "\xff", false), "begin !1007");
        row("binary needs no UTF-8", frame(2, "\xff\xfe"), "begin binary:2");
        row("close", frame(8, ""), "close:0");
        row("close with code", frame(8, closePayload(1000)), "close:2");
        row("close with reason", frame(8, closePayload(1000, "bye")), "close:5");
        row("close with one byte", frame(8, "a"), "!1002");
        row("close with bad reason", frame(8, closePayload(1000, "\xff")), "!1007");
        row("nothing after close", frame(8, "") + frame(1, "a"), "close:0");
        for (const int code : { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535 })
            QTest::addRow("close code %d", code) << frame(8, closePayload(code)) << QByteArray("!1002");
        for (const int code : { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999 })
            QTest::addRow("close code %d", code) << frame(8, closePayload(code)) << QByteArray("close:2");
    }
    /// Each case in one piece, byte by byte, and in odd pieces: what arrives must not depend on how it was cut.
    void judges()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, outcome);
        for (const qsizetype pieceSize : { qsizetype(1 << 30), qsizetype(1), qsizetype(7), qsizetype(4096) })
            QCOMPARE(run(bytes, pieceSize), outcome);
    }

    void unmasks()
    {
        FrameGuard guard;
        Recorder recorder;
        QVERIFY(!guard.feed(frame(1, "hel", false), 100, recorder));
        QVERIFY(guard.isMidMessage());
        QVERIFY(!guard.feed(frame(0, "lo"), 100, recorder));
        QVERIFY(!guard.isMidMessage());
        QCOMPARE(recorder.last, "hello");
    }

    void deliversTextSplitInsideACharacterAtEveryByte()
    {
        const QByteArray text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82z";
        for (qsizetype cut = 0; cut <= text.size(); ++cut) {
            FrameGuard guard;
            Recorder recorder;
            QVERIFY(!guard.feed(QByteArray(frame(1, text.first(cut), false) + frame(0, text.mid(cut))), 100, recorder));
            QCOMPARE(recorder.last, text);
        }
    }

    void capsFragments()
    {
        QByteArray bytes = frame(1, "", false);
        for (int i = 1; i < FrameGuard::kMaxFragments; ++i)
            bytes += frame(0, "", false);
        QCOMPARE(run(bytes, bytes.size()), "begin");
        QCOMPARE(run(bytes + frame(0, "", false), 1 << 20), "begin !1008");
    }

    void skipsWithoutDecoding()
    {
        // Not even its UTF-8 is looked at; pings within are still answered.
        QCOMPARE(run(frame(1, "\xff\xff", false) + frame(9, "x") + frame(0, "\xff"), 1, 65536, true), "begin ping:x");
    }

    void appliesAChangedSizeLimitToTheNextFrame()
    {
        FrameGuard guard;
        Recorder recorder;
        QVERIFY(!guard.feed(frame(1, QByteArray(50, 'a')), 100, recorder));
        const auto violation = guard.feed(frame(1, QByteArray(50, 'a')), 40, recorder);
        QVERIFY(violation);
        QCOMPARE(violation->code, CloseCode::MessageTooBig);
        QVERIFY(guard.isOver());
    }

    void isSmallAndOwnsNothingBetweenMessages()
    {
        QVERIFY(sizeof(FrameGuard) <= 32);
        FrameGuard guard;
        Recorder recorder;
        const QByteArray bytes = frame(1, "abc", false) + frame(9, "p") + frame(0, "def");
        for (qsizetype i = 0; i < bytes.size(); ++i) {
            QVERIFY(!guard.feed(QByteArrayView(bytes).sliced(i, 1), 100, recorder));
            QCOMPARE(guard.isMidMessage(), i + 1 < bytes.size());
        }
        QCOMPARE(recorder.last, "abcdef");
    }

    void knowsWhetherItIsMidMessage_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("isMid");
        const QByteArray text = frame(1, "hello");
        QTest::newRow("nothing") << QByteArray() << false;
        QTest::newRow("whole") << text << false;
        for (qsizetype size = 1; size < text.size(); ++size)
            QTest::addRow("%d bytes of a frame", int(size)) << text.first(size) << true;
        QTest::newRow("first fragment") << frame(1, "a", false) << true;
        QTest::newRow("empty first fragment") << frame(1, "", false) << true;
        QTest::newRow("ping within a message") << QByteArray(frame(1, "a", false) + frame(9, "")) << true;
        QTest::newRow("fragments ended") << QByteArray(frame(1, "a", false) + frame(0, "")) << false;
        QTest::newRow("half a ping") << frame(9, "abc").first(7) << true;
        QTest::newRow("ping") << frame(9, "abc") << false;
    }
    void knowsWhetherAMessageEnded_data()
    {
        QTest::addColumn<QByteArray>("before"); // of an earlier feed
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("hasEnded");
        const QByteArray text = frame(1, "hello");
        const QByteArray fragment = frame(1, "a", false);
        QTest::newRow("nothing") << QByteArray() << QByteArray() << false;
        QTest::newRow("earlier") << text << QByteArray() << false;
        QTest::newRow("whole") << QByteArray() << text << true;
        QTest::newRow("long") << QByteArray() << frame(2, QByteArray(1000, 'b')) << true;
        QTest::newRow("half") << QByteArray() << text.first(8) << false;
        QTest::newRow("rest of a head") << text.first(1) << text.sliced(1, 6) << false;
        QTest::newRow("rest") << text.first(8) << text.sliced(8) << true;
        QTest::newRow("rest, and half of the next") << text.first(8) << text.sliced(8) + text.first(3) << true;
        QTest::newRow("another fragment") << fragment << frame(0, "b", false) << false;
        QTest::newRow("last fragment") << fragment << frame(0, "b") << true;
        QTest::newRow("ping within a message") << fragment << frame(9, "p") << false;
        QTest::newRow("ping") << QByteArray() << frame(9, "p") << true;
        QTest::newRow("rest of a pong") << frame(10, "pong").first(3) << frame(10, "pong").sliced(3) << true;
    }
    void knowsWhetherAMessageEnded()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, bytes);
        QFETCH(bool, hasEnded);
        for (const bool skips : { false, true }) {
            FrameGuard guard;
            Recorder recorder;
            recorder.skips = skips;
            QVERIFY(!guard.feed(before, 1000, recorder));
            QVERIFY(!guard.feed(bytes, 1000, recorder));
            QCOMPARE(guard.hasEndedMessage(), hasEnded);
        }
    }

    void knowsWhetherItIsMidMessage()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, isMid);
        for (const bool skips : { false, true }) {
            FrameGuard guard;
            Recorder recorder;
            recorder.skips = skips;
            QVERIFY(!guard.feed(bytes, 100, recorder));
            QCOMPARE(guard.isMidMessage(), isMid);
            QVERIFY(!guard.isOver());
        }
    }

    /// Unmasking works on words: each length around a word's, from each place within the key, against the plain text.
    void unmasksEveryLengthCutAnywhere()
    {
        QByteArray text;
        for (int i = 0; i < 40; ++i)
            text += char('A' + i);
        for (qsizetype size = 0; size <= text.size(); ++size) {
            const QByteArray bytes = frame(1, text.first(size));
            for (qsizetype cut = 0; cut <= bytes.size(); ++cut) {
                FrameGuard guard;
                Recorder recorder;
                QVERIFY(!guard.feed(bytes.first(cut), 100, recorder));
                QVERIFY(!guard.feed(QByteArrayView(bytes).sliced(cut), 100, recorder));
                QCOMPARE(recorder.last, text.first(size));
                QCOMPARE(recorder.log, "begin text:" + QByteArray::number(size) + ' ');
            }
        }
    }

    void unmasksBigMessages()
    {
        for (const qsizetype size : { 4095, 4096, 4097, 65535, 65536, 1'000'000 }) {
            QByteArray payload(size, Qt::Uninitialized);
            for (qsizetype i = 0; i < size; ++i)
                payload[i] = char(i * 31 + i / 256);
            for (const qsizetype piece : { qsizetype(1) << 30, qsizetype(1000), qsizetype(4099) }) {
                FrameGuard guard;
                Recorder recorder;
                const QByteArray bytes = frame(2, payload);
                for (qsizetype i = 0; i < bytes.size(); i += piece)
                    QVERIFY(
                        !guard.feed(QByteArrayView(bytes).sliced(i, qMin(piece, bytes.size() - i)), 1 << 20, recorder));
                QCOMPARE(recorder.last, payload);
            }
        }
    }

    /// Bad bytes at every place of a text longer than a word, whole and cut: the look at words must miss none.
    void findsABadByteAnywhere()
    {
        for (qsizetype size = 1; size <= 20; ++size) {
            for (qsizetype at = 0; at < size; ++at) {
                QByteArray text(size, 'a');
                text[at] = char(0x80);
                for (const qsizetype piece : { 1000, 1, 5 })
                    QCOMPARE(run(frame(1, text), piece), "begin !1007");
            }
        }
    }

    void refusesAtTheFirstTwoBytes_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("start");
        QTest::addColumn<int>("code");
        const QByteArray fragment = frame(1, "a", false);
        QTest::newRow("reserved bit") << QByteArray() << QByteArray("\xc1\x80") << 1002;
        QTest::newRow("opcode 3") << QByteArray() << QByteArray("\x83\x80") << 1002;
        QTest::newRow("unmasked") << QByteArray() << QByteArray("\x81\x05") << 1002;
        QTest::newRow("fragmented ping") << QByteArray() << QByteArray("\x09\x80") << 1002;
        QTest::newRow("ping of 16-bit length") << QByteArray() << QByteArray("\x89\xfe") << 1002;
        QTest::newRow("close of 64-bit length") << QByteArray() << QByteArray("\x88\xff") << 1002;
        QTest::newRow("continuation without message") << QByteArray() << QByteArray("\x80\x80") << 1002;
        QTest::newRow("message within message") << fragment << QByteArray("\x82\x80") << 1002;
    }
    void refusesAtTheFirstTwoBytes()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, start);
        QFETCH(int, code);
        FrameGuard guard;
        Recorder recorder;
        QVERIFY(!guard.feed(before, 100, recorder));
        QVERIFY(!guard.feed(start.first(1), 100, recorder));
        const auto violation = guard.feed(start.mid(1), 100, recorder);
        QVERIFY(violation);
        QCOMPARE(int(violation->code), code);
        QVERIFY(guard.isOver());
        QVERIFY(!guard.feed(frame(1, "late"), 100, recorder));
        QVERIFY(!recorder.log.contains("text"));
    }

    void capsPingsOfOneFeed()
    {
        QByteArray bytes;
        for (int i = 0; i < 1000; ++i)
            bytes += frame(9, QByteArray::number(i));
        FrameGuard guard;
        Recorder recorder;
        QVERIFY(!guard.feed(bytes, 100, recorder));
        // The last one is told in the end: whoever sent them all waits for that.
        QCOMPARE(recorder.log.count("ping:"), FrameGuard::kMaxPingsPerFeed + 1);
        QVERIFY(recorder.log.startsWith("ping:0 ping:1 "));
        QVERIFY(recorder.log.endsWith("ping:63 ping:999 "));
        recorder.log.clear();
        QVERIFY(!guard.feed(bytes.first(frame(9, "0").size()), 100, recorder));
        QCOMPARE(recorder.log, "ping:0 ");
    }

    void answersNoCappedPingAfterAClose()
    {
        QByteArray bytes;
        for (int i = 0; i < 100; ++i)
            bytes += frame(9, "p");
        FrameGuard guard;
        Recorder recorder;
        QVERIFY(!guard.feed(QByteArray(bytes + frame(8, "")), 100, recorder));
        QVERIFY(recorder.log.endsWith("ping:p close:0 "));
        QCOMPARE(recorder.log.count("ping:"), FrameGuard::kMaxPingsPerFeed);
    }

    void mayBeStoppedFromAHandler_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("stopsAtBegin");
        QTest::addColumn<QByteArray>("log");
        const QByteArray more = frame(1, "more");
        QTest::newRow("at a message") << QByteArray(frame(1, "a") + more) << false << QByteArray("begin text:1 ");
        QTest::newRow("at a fragmented one")
            << QByteArray(frame(1, "a", false) + frame(0, "b") + more) << false << QByteArray("begin text:2 ");
        QTest::newRow("at a ping") << QByteArray(frame(9, "a") + more) << false << QByteArray("ping:a ");
        QTest::newRow("at a ping within")
            << QByteArray(frame(1, "a", false) + frame(9, "b") + frame(0, "c")) << false << QByteArray("begin ping:b ");
        QTest::newRow("at the beginning") << QByteArray(frame(1, "a") + more) << true << QByteArray("begin ");
        QTest::newRow("at a fragment's beginning")
            << QByteArray(frame(1, "a", false) + frame(0, "")) << true << QByteArray("begin ");
        QTest::newRow("at a long one's beginning")
            << QByteArray(frame(1, QByteArray(300, 'a')) + more) << true << QByteArray("begin ");
    }
    void mayBeStoppedFromAHandler()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, stopsAtBegin);
        QFETCH(QByteArray, log);
        for (const qsizetype piece : { 1000, 1 }) {
            FrameGuard guard;
            Recorder recorder;
            recorder.stopping = &guard;
            recorder.stopsAtBegin = stopsAtBegin;
            for (qsizetype i = 0; i < bytes.size(); i += piece)
                QVERIFY(!guard.feed(QByteArrayView(bytes).sliced(i, qMin(piece, bytes.size() - i)), 1000, recorder));
            QCOMPARE(recorder.log, log);
            QVERIFY(guard.isOver());
        }
    }

    void skipsMessagesOfEveryForm()
    {
        const QByteArray bytes = frame(1, "short") + frame(2, QByteArray(300, 'a')) + frame(1, "a", false)
            + frame(0, "b", false) + frame(0, "") + frame(9, "p");
        for (const qsizetype piece : { 100'000, 1, 7 })
            QCOMPARE(run(bytes, piece, 1000, true), "begin begin begin ping:p");
        // Bounds hold for them too.
        QCOMPARE(run(frame(1, QByteArray(101, 'a')), 1000, 100, true), "!1009");
        QCOMPARE(
            run(frame(1, QByteArray(60, 'a'), false) + frame(0, QByteArray(60, 'a')), 1000, 100, true), "begin !1009");
        // The next one may pass again.
        FrameGuard guard;
        Recorder recorder;
        recorder.skips = true;
        QVERIFY(!guard.feed(frame(1, "x"), 100, recorder));
        recorder.skips = false;
        QVERIFY(!guard.feed(frame(1, "y"), 100, recorder));
        QCOMPARE(recorder.log, "begin begin text:1 ");
        QCOMPARE(recorder.last, "y");
    }

    void limitsOfAnySizeAreUnderstood()
    {
        QCOMPARE(run(frame(1, "a"), 100, 0), "!1009");
        QCOMPARE(run(frame(1, ""), 100, 0), "begin text:0");
        QCOMPARE(run(frame(1, "a"), 100, -1), "!1009");
        QCOMPARE(run(frame(1, "a"), 100, std::numeric_limits<qint64>::max()), "begin text:1");
        // 2^32 and above is refused whatever the limit.
        const QByteArray huge("\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00", 14);
        QCOMPARE(run(huge, 100, std::numeric_limits<qint64>::max()), "!1009");
    }
};

QTEST_APPLESS_MAIN(TestFrameGuard)
#include "tst_frameguard.moc"
