// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/httpbody.h"

using namespace gatehouse;

namespace {

constexpr BodyFraming kChunks{ 0, true };

int statusOf(const HttpBodyReader &reader)
{
    return reader.problem() ? reader.problem()->status : 0;
}

} // namespace

class TestHttpBody : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRequestWithoutABodyIsComplete()
    {
        HttpBodyReader reader;
        QVERIFY(reader.isComplete());
        QByteArray body;
        QCOMPARE(reader.take("GET /", &body), 0);
        QVERIFY(HttpBodyReader(BodyFraming{}).isComplete());
    }

    void takesSoManyBytes()
    {
        HttpBodyReader reader(BodyFraming{ 5, false });
        QByteArray body;
        QCOMPARE(reader.roomBytes(0), 5);
        QCOMPARE(reader.take("hel", &body), 3);
        QVERIFY(!reader.isComplete());
        QCOMPARE(reader.roomBytes(body.size()), 5);
        QCOMPARE(reader.take("lo and more", &body), 2);
        QVERIFY(reader.isComplete());
        QCOMPARE(body, "hello");
    }

    void passesOver()
    {
        HttpBodyReader reader(kChunks);
        QCOMPARE(reader.take("5\r\nhello\r\n0\r\n\r\nrest", nullptr), 15);
        QVERIFY(reader.isComplete());
    }

    void takesChunksApart_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &body) {
            QTest::newRow(name) << bytes << body;
        };
        row("one", "5\r\nhello\r\n0\r\n\r\n", "hello");
        row("none", "0\r\n\r\n", "");
        row("several", "5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\n\r\n", "hello, world");
        row("hexadecimal, in both cases",
            "1a\r\n" + QByteArray(26, 'x') + "\r\n0A\r\n" + QByteArray(10, 'y') + "\r\n0\r\n\r\n",
            QByteArray(26, 'x') + QByteArray(10, 'y'));
        row("zeros in front", "0000000000000005\r\nhello\r\n000\r\n\r\n", "hello");
        row("line ends in it", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n");
        row("any bytes", "4\r\n" + QByteArray("\0\xff\n0", 4) + "\r\n0\r\n\r\n", QByteArray("\0\xff\n0", 4));
        row("extension", "5;name=value\r\nhello\r\n0;last\r\n\r\n", "hello");
        row("extension behind spaces", "5 \t;name=\"a;b\"\r\nhello\r\n0\r\n\r\n", "hello");
        row("empty extension", "5;\r\nhello\r\n0\r\n\r\n", "hello");
        row("trailer", "5\r\nhello\r\n0\r\nDigest: x\r\nX:\r\n\r\n", "hello");
        row("trailer that would change the head", "0\r\nContent-Length: 5\r\nHost: evil\r\n\r\n", "");
    }
    void takesChunksApart()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QByteArray, body);
        HttpBodyReader whole(kChunks);
        QByteArray read;
        QCOMPARE(whole.take(QByteArray(bytes + "GET /"), &read), bytes.size());
        QVERIFY(whole.isComplete());
        QCOMPARE(read, body);

        HttpBodyReader byByte(kChunks);
        read.clear();
        for (const char &byte : bytes) {
            QVERIFY(!byByte.isComplete());
            QCOMPARE(byByte.take(QByteArrayView(&byte, 1), &read), 1);
        }
        QVERIFY(byByte.isComplete());
        QCOMPARE(read, body);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto row
            = [](const char *name, const QByteArray &bytes, int status) { QTest::newRow(name) << bytes << status; };
        row("no size", "\r\nhello\r\n0\r\n\r\n", 400);
        row("no number", "hello\r\n", 400);
        row("negative", "-5\r\nhello\r\n", 400);
        row("with a sign", "+5\r\nhello\r\n", 400);
        row("as in C", "0x5\r\nhello\r\n", 400);
        row("space in front", " 5\r\nhello\r\n", 400);
        row("space behind", "5 \r\nhello\r\n", 400);
        row("space within", "5 5\r\nhello\r\n", 400);
        row("seventeen digits", "00000000000000005\r\nhello\r\n", 400);
        row("bare LF", "5\nhello\r\n0\r\n\r\n", 400);
        row("bare LF behind the chunk", "5\r\nhello\n0\r\n\r\n", 400);
        row("bare CR", "5\rhello\r\n0\r\n\r\n", 400);
        row("longer than its size", "4\r\nhello\r\n0\r\n\r\n", 400);
        row("shorter than its size", "6\r\nhello\r\n0\r\n\r\n", 400);
        row("NUL in an extension", QByteArray("5;\0\r\n", 5), 400);
        row("LF in an extension", "5;a\n\r\n", 400);
        row("trailer without a name", "0\r\n: x\r\n\r\n", 400);
        row("trailer without a colon", "0\r\nnonsense\r\n\r\n", 400);
        row("folded trailer", "0\r\nX: a\r\n b\r\n\r\n", 400);
        row("space before the colon", "0\r\nX : a\r\n\r\n", 400);
        row("bare LF in the trailer", "0\r\nX: a\n\r\n", 400);
        row("bare LF at the end", "0\r\n\n", 400);
        row("no end but a request", "0\r\nGET / HTTP/1.1\r\n", 400);
        row("too large", "100001\r\n", 413);
        row("overflowing", "ffffffffffffffff\r\n", 413);
        row("too large together", "80000\r\n" + QByteArray(0x80000, 'x') + "\r\n80001\r\n", 413);
        row("endless extension", "5;" + QByteArray(kMaxChunkExtraBytes, 'x'), 400);
        row("endless trailer", "0\r\nX: " + QByteArray(kMaxChunkExtraBytes, 'x'), 400);
        row("many extensions", QByteArray("1;" + QByteArray(99, 'x') + "\r\ny\r\n").repeated(200), 400);
        row("many trailers", "0\r\n" + QByteArray("X: y\r\n").repeated(5000), 400);
    }
    void refuses()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(int, status);
        HttpBodyReader whole(kChunks);
        QByteArray body;
        const qsizetype taken = whole.take(bytes, &body);
        QCOMPARE(statusOf(whole), status);
        QVERIFY(!whole.isComplete());
        QVERIFY(!whole.problem()->detail.isEmpty());
        QCOMPARE(whole.take("0\r\n\r\n", &body), 0); // and that is the end of it

        HttpBodyReader byByte(kChunks);
        qsizetype count = 0;
        for (const char &byte : bytes)
            count += byByte.take(QByteArrayView(&byte, 1), &body);
        QCOMPARE(statusOf(byByte), status);
        QCOMPARE(count, taken);
    }

    void holdsAsMuchAsAnyBodyMay()
    {
        HttpBodyReader reader(kChunks);
        QByteArray body;
        const QByteArray chunk = "10000\r\n" + QByteArray(0x10000, 'x') + "\r\n";
        for (int i = 0; i < 16; ++i)
            QCOMPARE(reader.take(chunk, &body), chunk.size());
        QCOMPARE(reader.take("0\r\n\r\n", &body), 5);
        QVERIFY(reader.isComplete());
        QCOMPARE(body.size(), kMaxBodyBytes);
    }

    void asksForRoomAsItGrows()
    {
        HttpBodyReader reader(kChunks);
        QByteArray body;
        QCOMPARE(reader.roomBytes(0), 16 * 1024);
        QCOMPARE(reader.take("8000\r\n", &body), 6); // 32 KiB are announced
        QCOMPARE(reader.roomBytes(0), 64 * 1024);
        QCOMPARE(reader.take("1", &body), 1);
        QCOMPARE(reader.roomBytes(kMaxBodyBytes - 1), kMaxBodyBytes);
    }
};

QTEST_APPLESS_MAIN(TestHttpBody)
#include "tst_httpbody.moc"
