// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QtEndian>
#include <QtTest/QTest>

#include "server/channel/frameguard.h"

using namespace gatehouse;

namespace {

/// Writes down what the guard finds: "begin", "text:…", "binary:…", "ping:…", "pong", "close:…", then "!1002".
class Recorder final : public FrameHandler
{
public:
    bool messageBegins() override
    {
        log += "begin ";
        return !skips;
    }
    void messageReceived(Opcode opcode, const QByteArray &payload) override
    {
        log += (opcode == Opcode::Text ? "text:" : "binary:") + QByteArray::number(payload.size()) + ' ';
        last = payload;
    }
    void pingReceived(QByteArrayView payload) override { log += "ping:" + payload.toByteArray() + ' '; }
    void pongReceived() override { log += "pong "; }
    void closeReceived(QByteArrayView payload) override { log += "close:" + QByteArray::number(payload.size()) + ' '; }

    QByteArray log;
    QByteArray last;
    bool skips = false;
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
        if (const auto violation = guard.feed(QByteArrayView(bytes).sliced(i, qMin(pieceSize, bytes.size() - i)), maxBytes, recorder))
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
        row("fragments over the limit", frame(1, QByteArray(40000, 'a'), false) + frame(0, QByteArray(40000, 'a')), "begin !1009");
        row("ping", frame(9, "abc"), "ping:abc");
        row("unsolicited pong", frame(10, "abc"), "pong");
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
        row("longest form of a short length", QByteArray("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00", 14), "!1002");
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

    void encodesWhatItReads()
    {
        for (const qsizetype size : { 0, 1, 125, 126, 65535, 65536, 100'000 }) {
            FrameGuard guard;
            Recorder recorder;
            const QByteArray payload(size, 'a');
            QVERIFY(!guard.feed(encodeClientFrame(Opcode::Text, payload), 1 << 20, recorder));
            QCOMPARE(recorder.last, payload);
        }
        QCOMPARE(encodeServerFrame(Opcode::Text, "hi"), QByteArray("\x81\x02hi"));
    }
};

QTEST_APPLESS_MAIN(TestFrameGuard)
#include "tst_frameguard.moc"
