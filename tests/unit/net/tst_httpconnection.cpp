// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "tests/support/httpclient.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr char kGet[] = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

} // namespace

class TestHttpConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsARequestAndAnswers()
    {
        HttpClient client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.requests[0].path, "/a");
        QCOMPARE(client.requests[0].clientPort, quint16(4711));
        client.connection->respond(HttpResponse::text("hi"));
        QVERIFY(client.hear().startsWith("HTTP/1.1 200 OK\r\n"));
        QVERIFY(client.hear().endsWith("\r\n\r\nhi"));
        QVERIFY(client.connection);
    }

    void endsWithLastBytesOfAnyKind()
    {
        HttpClient client;
        client.say(QByteArray(kGet) + "what follows");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->end("last words");
        QCOMPARE(client.hear(), "last words");
        QCOMPARE(client.hear(), "last words");
        QVERIFY(client.sawEnd);
        client.say(kGet); // not heard
        QCoreApplication::processEvents();
        QCOMPARE(client.requests.size(), 1U);
        QCOMPARE(client.ends, 0);
        client.pass(kAnswerDeadline + 200ms); // the peer does not close
        QCOMPARE(client.ends, 1);
    }

    void readsByteByByteWithABody()
    {
        HttpClient client;
        const QByteArray request = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
        for (qsizetype i = 0; i < request.size(); ++i) {
            QVERIFY(client.requests.empty());
            client.say(request.mid(i, 1));
            QCoreApplication::processEvents();
        }
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.requests[0].body, "hello");
    }

    void answersPipelinedRequestsInOrder()
    {
        HttpClient client;
        client.say(QByteArray(kGet) + QByteArray(kGet).replace("/a", "/b"));
        QTRY_COMPARE(client.requests.size(), 1U); // the second waits for the first's answer
        client.connection->respond(HttpResponse::text("first"));
        QCOMPARE(client.requests.size(), 1U); // and until that is written
        QVERIFY(client.hear().endsWith("first"));
        QCOMPARE(client.requests.size(), 2U);
        QCOMPARE(client.requests[1].path, "/b");
        client.connection->respond(HttpResponse::text("second"));
        QVERIFY(client.hear().indexOf("first") < client.hear().indexOf("second"));
    }

    void givesAPipelinedHeadItsOwnDeadline()
    {
        HttpClient client;
        client.say(QByteArray(kGet) + "GET /b HT");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("first"));
        client.pass(kHeadDeadline - 200ms);
        QVERIFY(client.hear().endsWith("first"));
        client.pass(400ms);
        QVERIFY(client.hear().contains("HTTP/1.1 408 "));
    }

    void readsNoFurtherWhileAnAnswerIsNotTaken()
    {
        HttpClient client;
        client.say(QByteArray(kGet) + kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text(QByteArray(8 * 1024 * 1024, 'a')));
        client.pass(kAnswerDeadline - 200ms); // the peer reads nothing
        QCOMPARE(client.requests.size(), 1U);
        QCOMPARE(client.ends, 0);
        client.pass(400ms);
        QCOMPARE(client.ends, 1);
    }

    void answersManyPipelinedRequestsWithoutGoingDeeper()
    {
        HttpClient client;
        client.answersAtOnce = true;
        client.say(QByteArray(kGet).repeated(2000));
        QTRY_COMPARE((client.hear(), client.requests.size()), 2000U);
        QCOMPARE(client.deepest, 1);
    }

    void refusesABadHeadAndEnds()
    {
        HttpClient client;
        client.say("GET  / HTTP/1.1\r\n\r\n");
        QTRY_VERIFY(client.hear().startsWith("HTTP/1.1 400 "));
        QVERIFY(client.hear().contains("Connection: close\r\n"));
        QTRY_VERIFY((client.hear(), client.sawEnd));
        QVERIFY(client.requests.empty());
        client.pass(11s); // a peer that does not close its side
        QCOMPARE(client.ends, 1);
    }

    void closesWhenAskedTo()
    {
        HttpClient client;
        client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("bye"));
        QTRY_VERIFY((client.hear(), client.sawEnd));
    }

    void answersAHeadWithoutItsBody()
    {
        HttpClient client;
        client.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("body"));
        QVERIFY(client.hear().contains("Content-Length: 4\r\n"));
        QVERIFY(client.hear().endsWith("\r\n\r\n"));
    }

    void saysForHowLongItIsKept()
    {
        HttpClient client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("hi"));
        QVERIFY(client.hear().contains("\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n"));
    }

    void answersHttp10_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<bool>("isKept");
        QTest::newRow("closes") << QByteArray() << false;
        QTest::newRow("keeps where asked to") << QByteArray("Connection: keep-alive\r\n") << true;
    }
    void answersHttp10()
    {
        QFETCH(const QByteArray, fields);
        QFETCH(bool, isKept);
        HttpClient client;
        client.say("GET / HTTP/1.0\r\n" + fields + "\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("hi"));
        QCOMPARE(client.hear().contains("\r\nConnection: keep-alive\r\n"), isKept);
        QCOMPARE(client.hear().contains("\r\nConnection: close\r\n"), !isKept);
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        QCOMPARE((client.hear(), client.sawEnd), !isKept);
    }

    void aBadHeadBehindHeadIsAnsweredWithABody()
    {
        HttpClient client;
        client.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("hi"));
        QTRY_VERIFY(client.hear().contains("HTTP/1.1 400 "));
        QVERIFY(client.hear().contains("bad_request"));
    }

    void endsASilentPeer()
    {
        HttpClient client;
        client.pass(kHeadDeadline - 200ms);
        QCOMPARE(client.ends, 0);
        client.pass(400ms);
        QCOMPARE(client.ends, 1);
        QCOMPARE(client.hear(), "");
    }

    void tellsASlowPeer()
    {
        HttpClient client;
        client.say("GET / HT");
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        client.pass(kHeadDeadline - 200ms);
        QCOMPARE(client.hear(), "");
        client.pass(400ms);
        QVERIFY(client.hear().startsWith("HTTP/1.1 408 "));
        client.pass(1200ms);
        QCOMPARE(client.ends, 1);
    }

    void endsAnIdleKeptConnection()
    {
        HttpClient client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("hi"));
        client.pass(kIdleDeadline - 200ms);
        QCOMPARE(client.ends, 0);
        client.pass(400ms);
        QCOMPARE(client.ends, 1);
    }

    void waitsForAnAnswerAsLongAsItTakes()
    {
        HttpClient client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.pass(60s);
        QCOMPARE(client.ends, 0);
    }

    void handsOverTheStreamWithWhatCameBehindTheHead()
    {
        HttpClient client;
        client.say(QByteArray(kGet) + "early");
        QTRY_COMPARE(client.requests.size(), 1U);
        QByteArray early;
        const std::unique_ptr<ClientStream> stream = client.connection->takeStream(early);
        QVERIFY(stream);
        QCOMPARE(early, "early");
        client.pass(60s);
        QCOMPARE(client.ends, 0);
    }

    void tellsOfARequestBeforeItsBody()
    {
        HttpClient client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        QVERIFY(client.connection->hasUnreadBody());
    }

    void refusesWithoutTheBody_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::newRow("plain") << QByteArray();
        QTest::newRow("asks first") << QByteArray("Expect: 100-continue\r\n");
    }
    void refusesWithoutTheBody()
    {
        QFETCH(const QByteArray, fields);
        HttpClient client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\n" + fields + "Content-Length: 1048576\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::problem({ 401, u"token_missing"_s, u"x"_s, {} }));
        QTRY_VERIFY((client.hear(), client.sawEnd));
        QVERIFY(client.hear().startsWith("HTTP/1.1 401 "));
        QVERIFY(client.hear().contains("Connection: close\r\n"));
        // What the peer still sends is taken, so that nothing resets the answer, and kept nowhere.
        for (int i = 0; i < 100; ++i) {
            client.say(QByteArray(10'000, 'b'));
            QCoreApplication::processEvents();
        }
        QCOMPARE(client.places.counts().bytes, 0);
        QCOMPARE(client.requests.size(), 1U);
    }

    void readsPastABodyThatNobodyNeeds()
    {
        HttpClient client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhell");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("ok"));
        QVERIFY(!client.hear().contains("Connection: close"));
        client.say(QByteArray("o worl") + kGet); // the body's end is where the next head begins
        QTRY_COMPARE(client.requests.size(), 2U);
        QCOMPARE(client.requests[1].path, "/a");
    }

    void endsAPeerThatOwesABodyThatNobodyNeeds()
    {
        HttpClient client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhell");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("ok"));
        client.pass(kBodyDeadline - 200ms);
        QCOMPARE(client.ends, 0);
        client.pass(400ms);
        QCOMPARE(client.ends, 1);
    }

    void endsWhereTheNextHeadCannotBeFound()
    {
        HttpClient client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("ok"));
        QTRY_VERIFY((client.hear(), client.sawEnd));
    }

    void passesOverAnEmptyLineBehindABody_data()
    {
        QTest::addColumn<bool>("comesLater");
        QTest::newRow("at once") << false;
        QTest::newRow("later") << true;
    }
    void passesOverAnEmptyLineBehindABody()
    {
        QFETCH(bool, comesLater);
        HttpClient client;
        client.answersAtOnce = true;
        client.readsBodies = false;
        client.say(
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + QByteArray(comesLater ? "" : "\r\n"));
        QTRY_VERIFY(client.hear().endsWith("at once"));
        if (comesLater)
            client.say("\r\n");
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        client.pass(kHeadDeadline + 1s); // no head has begun
        QCOMPARE(client.ends, 0);
        QCOMPARE(client.places.counts().bytes, 0);
        client.say("\r\n" + QByteArray(kGet));
        QTRY_COMPARE(client.requests.size(), 2U);
        QCOMPARE(client.requests[1].path, "/a");
    }

    void asksForABodyThatIsWanted()
    {
        HttpClient client;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        QTRY_COMPARE(client.hear(), "HTTP/1.1 100 Continue\r\n\r\n");
        QCOMPARE(client.places.counts().bytes, 5);
        client.say("hello");
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.requests[0].body, "hello");
        QCOMPARE(client.places.counts().bytes, 0);
    }

    void saysWhenThereIsNoRoomForABody()
    {
        HttpClient client;
        std::vector<std::unique_ptr<HttpPlace>> others;
        for (qint64 taken = 0; taken < kMaxBodyBytesInAll; taken += kMaxBodyBytes) {
            const AddressKey other = AddressKey::of(IpAddress::fromIpv4(0x0a000000 + quint32(others.size())));
            others.push_back(std::make_unique<HttpPlace>(client.places, client, 7, other));
            QVERIFY(others.back()->reserveBody(kMaxBodyBytes));
        }
        client.hasRead = true;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
        QTRY_VERIFY(!client.hasRead);
        QVERIFY(client.hear().isEmpty());
        QVERIFY(client.connection->hasUnreadBody());
    }

    void countsAHalfHead()
    {
        HttpClient client;
        client.say("GET / HTTP/1.1\r\nCookie: " + QByteArray(5000, 'c'));
        QTRY_VERIFY(client.places.counts().bytes >= 5000);
        client.say("\r\nHost: x\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.places.counts().bytes, 0);
    }

    void countsAnAnswerThatIsNotTaken()
    {
        HttpClient client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text(QByteArray(3 * 1024 * 1024, 'a')));
        client.pass(100ms);
        QVERIFY(client.places.counts().bytes > 2 * 1024 * 1024);
        QTRY_VERIFY(client.hear().endsWith("aaa") && client.places.counts().bytes == 0);
    }

    void givesWayOnlyIfThePeerHasNothingToSay()
    {
        HttpClient client;
        const auto losePlace = [&client] {
            client.places.makeRoom();
            client.connection->hearOnce();
            if (client.connection)
                client.connection->giveWay();
        };
        client.say(kGet); // is there, and has not been read
        losePlace();
        QCOMPARE(client.placesLost, 1);
        QCOMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("last"));
        QTRY_VERIFY((client.hear(), client.sawEnd)); // it was let finish, and no more
        QVERIFY(client.hear().contains("Connection: close\r\n"));
    }

    void givesWayAtOnceWhenItIsThePeersTurn_data()
    {
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("half a head") << QByteArray("GET / HT");
        QTest::newRow("half a body") << QByteArray("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    }
    void givesWayAtOnceWhenItIsThePeersTurn()
    {
        QFETCH(const QByteArray, said);
        HttpClient client;
        if (!said.isEmpty())
            client.say(said);
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        client.places.makeRoom();
        client.connection->hearOnce(); // and what it says now does not help it
        client.connection->giveWay();
        QCOMPARE(client.ends, 1);
        QCOMPARE(client.places.counts().connections, 0);
        QCOMPARE(client.places.counts().bytes, 0);
    }
};

QTEST_GUILESS_MAIN(TestHttpConnection)
#include "tst_httpconnection.moc"
