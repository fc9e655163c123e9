// SPDX-License-Identifier: GPL-3.0-or-later
// HttpConnection and peers that end their side, but listen on: RFC 9112 section 9.6.
#include <QtTest/QTest>

#include "tests/support/httpclient.h"

using namespace gatehouse;

namespace {

constexpr char kGet[] = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

} // namespace

class TestHttpHalfClose : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersWhoSaysNoMore_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::newRow("and wants it closed") << QByteArray("Connection: close\r\n");
        QTest::newRow("and would have it kept") << QByteArray();
    }
    void answersWhoSaysNoMore()
    {
        QFETCH(const QByteArray, fields);
        HttpClient client;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\n" + fields + "Content-Length: 5\r\n\r\nhello");
        client.sayNoMore();
        QTRY_COMPARE(client.requests.size(), 1U);
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents(); // its end is seen before the answer is there
        QCOMPARE(client.ends, 0);
        client.connection->respond(HttpResponse::text("stored"));
        QTRY_VERIFY(client.hear().endsWith("stored"));
        QTRY_COMPARE((client.hear(), client.ends), 1);
        QVERIFY((client.hear(), client.sawEnd));
        QVERIFY(client.refusals.empty());
    }

    void answersAllThatWasAskedBeforeTheEnd()
    {
        HttpClient client;
        client.answersAtOnce = true;
        client.say(QByteArray(kGet).repeated(20));
        client.sayNoMore();
        QTRY_COMPARE((client.hear(), client.ends), 1);
        QCOMPARE(client.requests.size(), 20U);
        QCOMPARE(client.hear().count("HTTP/1.1 200 OK\r\n"), 20);
    }

    void saysThatARequestWasCutOff_data()
    {
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("in its head") << QByteArray("GET / HTTP/1.1\r\nHost: x\r\n");
        QTest::newRow("in its body") << QByteArray("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
        QTest::newRow("in its chunks") << QByteArray(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    }
    void saysThatARequestWasCutOff()
    {
        QFETCH(const QByteArray, said);
        HttpClient client;
        client.say(said);
        client.sayNoMore();
        QTRY_VERIFY(client.hear().startsWith("HTTP/1.1 400 "));
        QTRY_COMPARE((client.hear(), client.ends), 1);
        QVERIFY(client.requests.empty());
        QCOMPARE(client.refusals, std::vector{ MalformedKind::CutOff });
    }

    void endsWithAPeerThatSaidNothing()
    {
        HttpClient client;
        client.sayNoMore();
        QTRY_COMPARE(client.ends, 1);
        QVERIFY(client.refusals.empty());
        QCOMPARE(client.hear(), "");
    }

    void anAnswerThatNeedsThePeerEndsWithIt()
    {
        HttpClient client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        QVERIFY(client.connection->endsWithPeer());
        client.sayNoMore();
        QTRY_COMPARE(client.ends, 1);
    }

    void knowsThatThePeerHasEndedBefore()
    {
        HttpClient client;
        client.say(QByteArray(kGet).repeated(2));
        client.sayNoMore();
        QTRY_COMPARE(client.requests.size(), 1U);
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        client.connection->respond(HttpResponse::text("first"));
        QTRY_COMPARE((client.hear(), client.requests.size()), 2U);
        QVERIFY(!client.connection->endsWithPeer());
    }
};

QTEST_GUILESS_MAIN(TestHttpHalfClose)
#include "tst_httphalfclose.moc"
