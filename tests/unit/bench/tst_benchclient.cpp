// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/bench/benchclient.h"
#include "server/bench/fleet.h"
#include "server/bench/wireformat.h"
#include "tests/support/loopbackpeer.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace gatehouse::bench;
using namespace std::chrono_literals;

namespace {

/// Writes down what a client lives through.
class Diary final : public ClientObserver
{
public:
    void opened(Client &) override { entries.append(u"opened"_s); }
    void refused(Client &, int status) override { entries.append(u"refused %1"_s.arg(status)); }
    void text(Client &, QByteArrayView message) override { entries.append(u"text "_s + QString::fromUtf8(message)); }
    void pong(Client &) override { entries.append(u"pong"_s); }
    void ended(Client &, int code) override { entries.append(u"ended %1"_s.arg(code)); }
    void failed(Client &, const QString &reason) override { entries.append(u"failed "_s + reason); }

    QStringList entries;
};

} // namespace

class TestBenchClient final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void isOpenOnceGreeted();
    void greetingMayComeWithTheHandshake();
    void withoutGreetingIsOpenOnceUpgraded();
    void framesInPieces();
    void answersPings();
    void answersLeaveTogether();
    void saysGoodbye();
    void repeatsTheServersCloseCode();
    void noticesALoss();
    void noticesALossWhilePaused();
    void pausedReadsNothing();
    void badAnswers_data();
    void badAnswers();
    void invalidFrameEndsIt();
    void nobodyListens();
    void comesFromItsSourceAddress();
    void refusalsAreExplained();

private:
    bool until(const std::function<bool()> &condition) { return m_loop->run(5s, condition) == EventLoop::End::Done; }
    bool untilEntries(qsizetype count)
    {
        return until([this, count] { return m_diary.entries.size() >= count; });
    }
    void connectClient()
    {
        m_client->open(m_spec);
        QVERIFY(until([this] { return m_peer->hasRequest(); }));
    }
    void openClient()
    {
        m_plan.expectsGreeting = false;
        connectClient();
        m_peer->upgrade(m_spec.accept);
        QVERIFY(untilEntries(1));
        QCOMPARE(m_diary.entries, QStringList{ u"opened"_s });
        m_diary.entries.clear();
    }

    std::unique_ptr<LoopbackPeer> m_peer;
    std::unique_ptr<EventLoop> m_loop;
    BenchPlan m_plan;
    ConnectionSpec m_spec;
    Diary m_diary;
    std::unique_ptr<Client> m_client;
};

void TestBenchClient::init()
{
    m_peer = std::make_unique<LoopbackPeer>();
    m_loop = std::make_unique<EventLoop>();
    m_plan = {};
    m_plan.target = m_peer->target();
    m_plan.channelPath = "/ws/";
    m_spec = Handshakes(m_plan).spec(0);
    m_diary.entries.clear();
    m_client = std::make_unique<Client>(*m_loop, m_plan, 0);
    m_client->observe(&m_diary);
}

void TestBenchClient::cleanup()
{
    m_client.reset();
    m_loop.reset();
    m_peer.reset();
}

void TestBenchClient::isOpenOnceGreeted()
{
    connectClient();
    m_peer->upgrade(m_spec.accept);
    m_peer->write(peerFrame(kPing, {}));
    QVERIFY(until([this] { return m_client->pingsAnswered() == 1; }));
    QVERIFY(!m_client->isOpen() && m_diary.entries.isEmpty());
    m_peer->write(peerFrame(kText, "hello"));
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"opened"_s }); // the greeting itself is not a message
    QVERIFY(m_client->isOpen());
}

void TestBenchClient::greetingMayComeWithTheHandshake()
{
    connectClient();
    m_peer->upgrade(m_spec.accept, peerFrame(kText, "hello") + peerFrame(kText, "more"));
    QVERIFY(untilEntries(2));
    QCOMPARE(m_diary.entries, QStringList({ u"opened"_s, u"text more"_s }));
}

void TestBenchClient::withoutGreetingIsOpenOnceUpgraded()
{
    openClient();
    m_peer->write(peerFrame(kText, "first"));
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"text first"_s });
}

void TestBenchClient::framesInPieces()
{
    openClient();
    const QByteArray bytes = peerFrame(kText, "one") + peerFrame(kPong, {}) + peerFrame(kText, "two");
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        m_peer->write(bytes.mid(at, 1));
        QVERIFY(m_loop->run(1ms) == EventLoop::End::TimeUp);
    }
    QVERIFY(untilEntries(3));
    QCOMPARE(m_diary.entries, QStringList({ u"text one"_s, u"pong"_s, u"text two"_s }));
}

void TestBenchClient::answersPings()
{
    openClient();
    m_peer->write(peerFrame(kPing, "abc"));
    QVERIFY(until([this] { return m_peer->read().size() == 9; }));
    const QByteArray pong = m_peer->read();
    QCOMPARE(pong.left(2).toHex(), QByteArray("8a83"));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(char(pong[6 + i] ^ pong[2 + i]), "abc"[i]);
}

void TestBenchClient::answersLeaveTogether()
{
    openClient();
    QByteArray pings;
    for (int i = 0; i < 50; ++i)
        pings += peerFrame(kPing, {});
    m_peer->write(pings);
    QVERIFY(until([this] { return m_peer->read().size() >= 50 * 6; }));
    QCOMPARE(m_client->pingsAnswered(), 50);
    QCOMPARE(m_peer->read().size(), 50 * 6);
}

void TestBenchClient::saysGoodbye()
{
    openClient();
    m_client->close();
    QVERIFY(until([this] { return m_peer->read().size() == 8; }));
    QCOMPARE(m_peer->read().left(2).toHex(), QByteArray("8882"));
    m_peer->write(peerFrame(kClose, QByteArray::fromHex("03e8")));
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"ended 1000"_s });
    QVERIFY(m_client->isIdle());
}

void TestBenchClient::repeatsTheServersCloseCode()
{
    openClient();
    m_peer->write(peerFrame(kClose, QByteArray::fromHex("1023") + "{}"));
    QVERIFY(until([this] { return m_peer->read().size() == 8; }));
    m_peer->hangUp();
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"ended 4131"_s });
}

void TestBenchClient::noticesALoss()
{
    openClient();
    m_peer->hangUp();
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"ended 1006"_s });
}

void TestBenchClient::noticesALossWhilePaused()
{
    openClient();
    m_client->pauseReading();
    m_peer->hangUp();
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"ended 1006"_s });
}

void TestBenchClient::pausedReadsNothing()
{
    openClient();
    m_client->pauseReading();
    m_peer->write(peerFrame(kText, "unheard"));
    QVERIFY(m_loop->run(20ms) == EventLoop::End::TimeUp);
    QVERIFY(m_diary.entries.isEmpty());
    m_client->resumeReading();
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"text unheard"_s });
}

void TestBenchClient::badAnswers_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("entry");
    QTest::newRow("refused") << QByteArray("HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\n\r\n{}") << u"refused 429"_s;
    QTest::newRow("no HTTP") << QByteArray("hello\r\n\r\n") << u"failed the answer to the handshake is no HTTP"_s;
    QTest::newRow("other accept") << QByteArray("HTTP/1.1 101 S\r\nSec-WebSocket-Accept: x\r\n\r\n")
                                  << u"failed the answer does not belong to this handshake"_s;
    QTest::newRow("endless") << QByteArray(20'000, 'x') << u"failed the answer to the handshake is too long"_s;
}

void TestBenchClient::badAnswers()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, entry);
    connectClient();
    m_peer->write(answer);
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ entry });
    QVERIFY(m_client->isIdle());
}

void TestBenchClient::invalidFrameEndsIt()
{
    openClient();
    m_peer->write(peerFrame(kText, "good") + QByteArray::fromHex("818537fa213d7f9f4d5158"));
    QVERIFY(untilEntries(2));
    QCOMPARE(m_diary.entries, QStringList({ u"text good"_s, u"ended 1002"_s }));
}

void TestBenchClient::nobodyListens()
{
    m_peer->stopListening();
    m_client->open(m_spec);
    QVERIFY(untilEntries(1));
    QCOMPARE(m_diary.entries, QStringList{ u"failed Connection refused"_s });
    Fleet fleet(*m_loop, m_plan, 3);
    const Status opened = fleet.open();
    QVERIFY(!opened);
    QCOMPARE(opened.error().message, u"no connection to %1: Connection refused"_s.arg(m_plan.target.text));
}

void TestBenchClient::comesFromItsSourceAddress()
{
    m_plan.sourceAddresses = 10;
    const ConnectionSpec spec = Handshakes(m_plan).spec(12);
    QCOMPARE(spec.source.value_or(0), 0x7f010003U);
    m_client->open(spec);
    QVERIFY(until([this] { return m_peer->hasRequest(); }));
}

void TestBenchClient::refusalsAreExplained()
{
    QVERIFY(refusedError(401).message.contains(u"401"_s) && refusedError(401).message.contains(u"--token-file"_s));
    QVERIFY(refusedError(429).message.contains(u"MAX_CONNECTIONS_PER_IP"_s));
    QVERIFY(refusedError(403).message.contains(u"--origin"_s));
    QVERIFY(refusedError(418).message.contains(u"418"_s));
}

QTEST_GUILESS_MAIN(TestBenchClient)
#include "tst_benchclient.moc"
