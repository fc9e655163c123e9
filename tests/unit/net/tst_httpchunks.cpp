// SPDX-License-Identifier: GPL-3.0-or-later
// HttpConnection and bodies that come in chunks.
#include <QtTest/QTest>

#include "tests/support/httpclient.h"

using namespace gatehouse;

namespace {

constexpr char kGet[] = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

} // namespace

class TestHttpChunks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsChunks_data()
    {
        QTest::addColumn<bool>("byByte");
        QTest::newRow("at once") << false;
        QTest::newRow("byte by byte") << true;
    }
    void readsChunks()
    {
        QFETCH(bool, byByte);
        HttpClient client;
        const QByteArray request = "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                   "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"
            + QByteArray(kGet);
        for (qsizetype i = 0; i < request.size(); i += byByte ? 1 : request.size()) {
            client.say(byByte ? request.mid(i, 1) : request);
            QCoreApplication::processEvents();
        }
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.requests[0].body, "hello world");
        client.connection->respond(HttpResponse::text("ok"));
        QTRY_COMPARE((client.hear(), client.requests.size()), 2U); // what follows is the next request
        QCOMPARE(client.requests[1].path, "/a");
        QCOMPARE(client.requests[1].body, "");
    }

    void countsChunksAsTheyCome()
    {
        HttpClient client;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        QTRY_COMPARE(client.places.counts().bytes, 16 * 1024);
        client.say("8000\r\n" + QByteArray(0x8000, 'x') + "\r\n");
        QTRY_VERIFY(client.places.counts().bytes >= 0x8000);
        QVERIFY(client.places.counts().bytes < kMaxBodyBytes / 4);
        client.say("0\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.requests[0].body, QByteArray(0x8000, 'x'));
        QCOMPARE(client.places.counts().bytes, 0);
    }

    void refusesBadChunks_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("no size") << QByteArray("hello") << QByteArray("HTTP/1.1 400 ");
        QTest::newRow("too large") << QByteArray("ffffffff\r\n") << QByteArray("HTTP/1.1 413 ");
        QTest::newRow("no end") << QByteArray("1\r\nab") << QByteArray("HTTP/1.1 400 ");
    }
    void refusesBadChunks()
    {
        QFETCH(const QByteArray, body);
        QFETCH(const QByteArray, answer);
        for (const bool isLater : { false, true }) {
            HttpClient client;
            const QByteArray head = "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
            client.say(isLater ? head : head + body);
            QCoreApplication::processEvents();
            if (isLater)
                client.say(body);
            QTRY_VERIFY(client.hear().startsWith(answer));
            QTRY_VERIFY((client.hear(), client.sawEnd));
            QVERIFY(client.requests.empty());
            QCOMPARE(client.refusals, std::vector{ MalformedKind::Body });
            QCOMPARE(client.places.counts().bytes, 0);
        }
    }

    void readsPastChunksThatNobodyNeeds()
    {
        HttpClient client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("ok"));
        QVERIFY(!client.hear().contains("Connection: close"));
        client.say("lo\r\n0\r\n\r\n" + QByteArray(kGet));
        QTRY_COMPARE(client.requests.size(), 2U);
        QCOMPARE(client.requests[1].path, "/a");
    }

    void endsBehindChunksThatHaveNoEnd_data()
    {
        QTest::addColumn<bool>("comesLater");
        QTest::newRow("at once") << false;
        QTest::newRow("later") << true;
    }
    void endsBehindChunksThatHaveNoEnd()
    {
        QFETCH(bool, comesLater);
        HttpClient client;
        client.readsBodies = false;
        const QByteArray head = "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        const QByteArray rest = "nonsense\r\n" + QByteArray(kGet);
        client.say(comesLater ? head : head + rest);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("ok"));
        QVERIFY(client.hear().endsWith("ok"));
        if (comesLater)
            client.say(rest);
        QTRY_VERIFY((client.hear(), client.sawEnd));
        QVERIFY(client.hear().endsWith("ok"));
        QCOMPARE(client.requests.size(), 1U);
        QCOMPARE(client.refusals, std::vector{ MalformedKind::Body });
    }
};

QTEST_GUILESS_MAIN(TestHttpChunks)
#include "tst_httpchunks.moc"
