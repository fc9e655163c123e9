// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/bench/wireformat.h"

using namespace gatehouse::bench;

class TestWireFormat final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void clientFrames_data();
    void clientFrames();
    void masksEachByte();
    void closeFrames();
    void serverFrames_data();
    void serverFrames();
    void everyPrefixIsIncomplete();
    void invalidFrames_data();
    void invalidFrames();
    void acceptBelongsToTheKey();
    void requests();
    void answerHeads_data();
    void answerHeads();
    void headers();
};

void TestWireFormat::clientFrames_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<QByteArray>("head");
    QTest::newRow("empty") << qsizetype(0) << QByteArray::fromHex("8180");
    QTest::newRow("short") << qsizetype(125) << QByteArray::fromHex("81fd");
    QTest::newRow("two bytes") << qsizetype(126) << QByteArray::fromHex("81fe007e");
    QTest::newRow("largest of two bytes") << qsizetype(65535) << QByteArray::fromHex("81feffff");
    QTest::newRow("eight bytes") << qsizetype(65536) << QByteArray::fromHex("81ff0000000000010000");
}

void TestWireFormat::clientFrames()
{
    QFETCH(qsizetype, size);
    QFETCH(QByteArray, head);
    const QByteArray frame = clientFrame(kText, QByteArray(size, 'x'), 0);
    QCOMPARE(frame.left(head.size()).toHex(), head.toHex());
    QCOMPARE(frame.size(), head.size() + 4 + size);
    QVERIFY(frame.endsWith(QByteArray(size, 'x'))); // a mask of zero changes nothing
}

void TestWireFormat::masksEachByte()
{
    // RFC 6455 section 5.7: a single-frame masked text message.
    QCOMPARE(clientFrame(kText, "Hello", 0x37fa213d).toHex(), QByteArray("818537fa213d7f9f4d5158"));
}

void TestWireFormat::closeFrames()
{
    QCOMPARE(closeFrame(1000, 0).toHex(), QByteArray("88820000000003e8"));
}

void TestWireFormat::serverFrames_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("opcode");
    QTest::addColumn<bool>("isFinal");
    QTest::addColumn<qsizetype>("payload");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("text") << QByteArray("\x81\x05Hellomore") << 1 << true << qsizetype(5) << qsizetype(7);
    QTest::newRow("fragment") << QByteArray("\x01\x03Hel") << 1 << false << qsizetype(3) << qsizetype(5);
    QTest::newRow("empty ping") << QByteArray::fromHex("8900") << 9 << true << qsizetype(0) << qsizetype(2);
    QTest::newRow("two bytes") << QByteArray::fromHex("827e0100") + QByteArray(256, 'x') << 2 << true << qsizetype(256)
                               << qsizetype(260);
    QTest::newRow("eight bytes") << QByteArray::fromHex("827f0000000000010000") + QByteArray(65536, 'x') << 2 << true
                                 << qsizetype(65536) << qsizetype(65546);
}

void TestWireFormat::serverFrames()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, opcode);
    QFETCH(bool, isFinal);
    QFETCH(qsizetype, payload);
    QFETCH(qsizetype, size);
    const ScannedFrame frame = scanServerFrame(bytes);
    QCOMPARE(frame.status, ScannedFrame::Status::Complete);
    QCOMPARE(int(frame.opcode), opcode);
    QCOMPARE(frame.isFinal, isFinal);
    QCOMPARE(frame.payload.size(), payload);
    QCOMPARE(frame.size, size);
    QCOMPARE(frame.payload.toByteArray(), bytes.mid(size - payload, payload));
}

void TestWireFormat::everyPrefixIsIncomplete()
{
    for (const QByteArray &frame :
        { QByteArray("\x81\x05Hello"), QByteArray(QByteArray::fromHex("827e0100") + QByteArray(256, 'x')) }) {
        for (qsizetype size = 0; size < frame.size(); ++size)
            QCOMPARE(scanServerFrame(QByteArrayView(frame).first(size)).status, ScannedFrame::Status::Incomplete);
    }
}

void TestWireFormat::invalidFrames_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("masked") << QByteArray::fromHex("818537fa213d7f9f4d5158");
    QTest::newRow("reserved bit") << QByteArray("\xc1\x05Hello");
    QTest::newRow("too large") << QByteArray::fromHex("827f0000000002000000");
    QTest::newRow("largest length") << QByteArray::fromHex("827fffffffffffffffff");
}

void TestWireFormat::invalidFrames()
{
    QFETCH(QByteArray, bytes);
    QCOMPARE(scanServerFrame(bytes).status, ScannedFrame::Status::Invalid);
}

void TestWireFormat::acceptBelongsToTheKey()
{
    const HandshakeKey one = makeHandshakeKey();
    const HandshakeKey other = makeHandshakeKey();
    QCOMPARE(QByteArray::fromBase64(one.key).size(), 16);
    QVERIFY(one.key != other.key);
    const QByteArray salted = one.key + QByteArray("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    QCOMPARE(one.accept, QCryptographicHash::hash(salted, QCryptographicHash::Sha1).toBase64());
}

void TestWireFormat::requests()
{
    const QByteArray full = upgradeRequest({ "/ws/", "127.0.0.1:80", "https://a.example", "t.o.k", "a2V5" });
    QVERIFY(full.startsWith("GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"));
    QVERIFY(full.contains("\r\nOrigin: https://a.example\r\n"));
    QVERIFY(full.contains("\r\nAuthorization: Bearer t.o.k\r\n"));
    QVERIFY(full.contains("\r\nSec-WebSocket-Key: a2V5\r\n"));
    QVERIFY(full.endsWith("\r\n\r\n"));
    const QByteArray bare = upgradeRequest({ "/", "h", {}, {}, "k" });
    QVERIFY(!bare.contains("Origin") && !bare.contains("Authorization"));
    QCOMPARE(postRequest("/p", "h", "t", "{}"),
        QByteArray("POST /p HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                   "Authorization: Bearer t\r\n\r\n{}"));
    QVERIFY(!postRequest("/p", "h", {}, "{}").contains("Authorization"));
}

void TestWireFormat::answerHeads_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status"); // -1: incomplete
    QTest::addColumn<qsizetype>("bodyBytes");
    QTest::addColumn<bool>("isClosing");
    QTest::newRow("nothing") << QByteArray() << -1 << qsizetype(0) << false;
    QTest::newRow("half") << QByteArray("HTTP/1.1 202 Accepted\r\nContent-Le") << -1 << qsizetype(0) << false;
    QTest::newRow("body") << QByteArray("HTTP/1.1 202 Accepted\r\nContent-Length: 12\r\n\r\n") << 202 << qsizetype(12)
                          << false;
    QTest::newRow("any case") << QByteArray("HTTP/1.1 401 No\r\ncontent-length:3\r\nCONNECTION: Close\r\n\r\n") << 401
                              << qsizetype(3) << true;
    QTest::newRow("no length") << QByteArray("HTTP/1.1 200 OK\r\n\r\n") << 200 << qsizetype(-1) << false;
    QTest::newRow("bad length") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n") << 200 << qsizetype(-1)
                                << false;
    QTest::newRow("no HTTP") << QByteArray("SSH-2.0-x\r\n\r\n") << 0 << qsizetype(-1) << false;
    QTest::newRow("short status") << QByteArray("HTTP/1.1\r\n\r\n") << 0 << qsizetype(-1) << false;
}

void TestWireFormat::answerHeads()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    QFETCH(qsizetype, bodyBytes);
    QFETCH(bool, isClosing);
    const std::optional<AnswerHead> head = scanAnswerHead(bytes);
    QCOMPARE(head ? head->status : -1, status);
    if (!head)
        return;
    QCOMPARE(head->bodyBytes, bodyBytes);
    QCOMPARE(head->isClosing, isClosing);
    QCOMPARE(head->size, bytes.size());
}

void TestWireFormat::headers()
{
    const QByteArray head = "HTTP/1.1 101 Switching\r\nX-Accept: no\r\nSec-WebSocket-Accept:  abc= \r\nEmpty:\r\n\r\n";
    QCOMPARE(headerValue(head, "sec-websocket-accept"), QByteArray("abc="));
    QCOMPARE(headerValue(head, "accept"), QByteArray());
    QCOMPARE(headerValue(head, "empty"), QByteArray());
    QCOMPARE(headerValue(head, "http/1.1 101 switching"), QByteArray());
}

QTEST_APPLESS_MAIN(TestWireFormat)
#include "tst_wireformat.moc"
