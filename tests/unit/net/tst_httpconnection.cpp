// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/net/httpconnection.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr char kGet[] = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

/// A connection on one end of a socket pair, its owner, and a clock; the test is the client.
class Client final : public HttpConnectionOwner
{
public:
    Client()
    {
        int fds[2]{ -1, -1 };
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        m_fd = fds[1];
        auto stream = std::make_unique<ClientStream>(fds[0], IpAddress(), quint16(4711), m_io);
        const HttpConnection::Among among{ places, AddressKey::of(IpAddress::fromIpv4(0x7f000001)) };
        connection = std::make_unique<HttpConnection>(7, std::move(stream), m_wheel, *this, among);
    }
    ~Client() override { ::close(m_fd); }
    Q_DISABLE_COPY_MOVE(Client)

    void requestReceived(HttpConnection &from, HttpRequest request) override
    {
        deepest = std::max(deepest, ++m_depth);
        if (readsBodies && from.hasUnreadBody()) {
            m_head = std::move(request);
            hasRead = from.readBody();
        } else {
            requests.push_back(std::move(request));
            if (answersAtOnce)
                from.respond(HttpResponse::text("at once"));
        }
        --m_depth;
    }
    void bodyReceived(HttpConnection &, QByteArray body) override
    {
        requests.push_back(std::exchange(m_head, {}));
        requests.back().body = std::move(body);
    }
    void placeLost(quint64 id) override
    {
        QCOMPARE(id, 7U);
        ++placesLost;
    }
    void connectionEnded(HttpConnection &) override
    {
        ++ends;
        connection.reset();
    }

    void say(const QByteArray &bytes)
    {
        QCOMPARE(::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
    }
    /// Everything heard so far.
    QByteArray hear()
    {
        m_outbox.flush();
        char buffer[4096];
        for (;;) {
            const ssize_t size = ::recv(m_fd, buffer, sizeof buffer, MSG_DONTWAIT);
            sawEnd = sawEnd || size == 0;
            if (size <= 0)
                return m_heard;
            m_heard.append(buffer, size);
        }
    }
    void pass(std::chrono::milliseconds time)
    {
        m_outbox.flush();
        for (auto passed = 0ms; passed < time; passed += 100ms) {
            m_clock.advance(100ms);
            m_wheel.advance();
        }
    }

private:
    FakeClock m_clock;
    TimingWheel m_wheel{ m_clock };
    Poller m_poller;
    Outbox m_outbox;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);
    const StreamIo m_io{ m_poller, m_outbox, m_buffer };
    QByteArray m_heard;
    HttpRequest m_head;
    int m_fd = -1;
    int m_depth = 0;

public:
    HttpPlaces places;
    std::unique_ptr<HttpConnection> connection;
    std::vector<HttpRequest> requests;
    int ends = 0;
    int deepest = 0; ///< calls of requestReceived() within each other
    int placesLost = 0;
    bool answersAtOnce = false;
    bool readsBodies = true;
    bool hasRead = false; ///< whether there was room for the latest body
    bool sawEnd = false;
};

} // namespace

class TestHttpConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsARequestAndAnswers()
    {
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
        client.answersAtOnce = true;
        client.say(QByteArray(kGet).repeated(2000));
        QTRY_COMPARE((client.hear(), client.requests.size()), 2000U);
        QCOMPARE(client.deepest, 1);
    }

    void refusesABadHeadAndEnds()
    {
        Client client;
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
        Client client;
        client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("bye"));
        QTRY_VERIFY((client.hear(), client.sawEnd));
    }

    void answersAHeadWithoutItsBody()
    {
        Client client;
        client.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("body"));
        QVERIFY(client.hear().contains("Content-Length: 4\r\n"));
        QVERIFY(client.hear().endsWith("\r\n\r\n"));
    }

    void endsASilentPeer()
    {
        Client client;
        client.pass(kHeadDeadline - 200ms);
        QCOMPARE(client.ends, 0);
        client.pass(400ms);
        QCOMPARE(client.ends, 1);
        QCOMPARE(client.hear(), "");
    }

    void tellsASlowPeer()
    {
        Client client;
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
        Client client;
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
        Client client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.pass(60s);
        QCOMPARE(client.ends, 0);
    }

    void handsOverTheStreamWithWhatCameBehindTheHead()
    {
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
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
        Client client;
        client.readsBodies = false;
        client.say("POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text("ok"));
        QTRY_VERIFY((client.hear(), client.sawEnd));
    }

    void asksForABodyThatIsWanted()
    {
        Client client;
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
        Client client;
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
        Client client;
        client.say("GET / HTTP/1.1\r\nCookie: " + QByteArray(5000, 'c'));
        QTRY_VERIFY(client.places.counts().bytes >= 5000);
        client.say("\r\nHost: x\r\n\r\n");
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.places.counts().bytes, 0);
    }

    void countsAnAnswerThatIsNotTaken()
    {
        Client client;
        client.say(kGet);
        QTRY_COMPARE(client.requests.size(), 1U);
        client.connection->respond(HttpResponse::text(QByteArray(3 * 1024 * 1024, 'a')));
        client.pass(100ms);
        QVERIFY(client.places.counts().bytes > 2 * 1024 * 1024);
        QTRY_VERIFY(client.hear().endsWith("aaa") && client.places.counts().bytes == 0);
    }

    void givesWayOnlyIfThePeerHasNothingToSay()
    {
        Client client;
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
        Client client;
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
