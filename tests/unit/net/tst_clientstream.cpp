// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/net/clientstream.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// A stream on one end of a socket pair; the test holds the other.
class Pair final : public ClientStreamObserver
{
public:
    Pair()
    {
        int fds[2]{ -1, -1 };
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        peer = fds[1];
        stream = std::make_unique<ClientStream>(fds[0], IpAddress::fromIpv4(0x7f000001), quint16(4711), m_io);
        stream->setObserver(this);
    }
    ~Pair() override { closePeer(); }
    Q_DISABLE_COPY_MOVE(Pair)

    void streamReceived(QByteArrayView bytes) override { received += bytes.toByteArray(); }
    void streamLost() override
    {
        ++losses;
        stream.reset();
    }
    void streamEnding() override
    {
        ++endings;
        if (!staysToTheEnd)
            ClientStreamObserver::streamEnding();
    }
    void streamEnded() override
    {
        ++ends;
        if (!staysToTheEnd)
            ClientStreamObserver::streamEnded();
    }
    void streamDrained() override { ++drains; }
    void streamBlocked() override { ++blocks; }

    /// Sends in a turn of its own.
    void send(const QByteArray &bytes)
    {
        const Outbox::Turn turn(outbox);
        stream->send(bytes);
    }
    void closePeer()
    {
        if (peer >= 0)
            ::close(std::exchange(peer, -1));
    }
    /// The peer says no more, and still listens.
    void endPeersSide() const { ::shutdown(peer, SHUT_WR); }
    void peerSays(const QByteArray &bytes) const
    {
        QCOMPARE(::send(peer, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
    }
    /// What the peer can read now; sets `peerSawEnd` at the end of the stream.
    QByteArray peerHears()
    {
        QByteArray all;
        char buffer[65536];
        for (;;) {
            const ssize_t size = ::recv(peer, buffer, sizeof buffer, MSG_DONTWAIT);
            peerSawEnd = peerSawEnd || size == 0;
            if (size <= 0)
                return all;
            all.append(buffer, size);
        }
    }

    /// Time passes, as the wheel has it.
    void pass(std::chrono::milliseconds time)
    {
        for (auto passed = 0ms; passed < time; passed += TimingWheel::kTick) {
            m_clock.advance(TimingWheel::kTick);
            m_wheel.advance();
        }
    }
    [[nodiscard]] std::optional<int> waitedTicks() const
    {
        const std::optional<QueueAge::Tick> since = stream->waitsSince();
        return since ? std::optional(int(QueueAge::Tick(m_wheel.tick()) - *since)) : std::nullopt;
    }

private:
    FakeClock m_clock;
    TimingWheel m_wheel{ m_clock };
    Poller m_poller;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);

public:
    Outbox outbox;

private:
    const StreamIo m_io{ m_poller, outbox, m_buffer, &m_wheel };

public:
    std::unique_ptr<ClientStream> stream;
    int peer = -1;
    QByteArray received;
    int losses = 0;
    int drains = 0;
    int blocks = 0;
    int endings = 0;
    int ends = 0;
    bool staysToTheEnd = false; ///< of the peer's side
    bool peerSawEnd = false;
};

} // namespace

class TestClientStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPeerThatSaysNoMoreStillListens()
    {
        Pair pair;
        pair.staysToTheEnd = true;
        pair.peerSays("last words");
        pair.endPeersSide();
        QTRY_COMPARE(pair.ends, 1);
        QCOMPARE(pair.received, "last words");
        QVERIFY(pair.stream->isPeerEnding());
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents(); // it is told once
        QCOMPARE(pair.ends, 1);
        pair.send("an answer");
        QCOMPARE(pair.peerHears(), "an answer");
        QCOMPARE(pair.losses, 0);
        pair.stream->shutdownAfterDrain(); // both sides have ended now
        QTRY_COMPARE(pair.losses, 1);
    }

    void tellsOfTheEndWhileNothingIsRead()
    {
        Pair pair;
        pair.staysToTheEnd = true;
        pair.stream->setReading(false);
        pair.peerSays("not read yet");
        pair.endPeersSide();
        QTRY_COMPARE(pair.endings, 1);
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        QCOMPARE(pair.endings, 1);
        QCOMPARE(pair.received, "");
        pair.stream->setReading(true); // what came before the end is there
        QTRY_COMPARE(pair.ends, 1);
        QCOMPARE(pair.received, "not read yet");
        QCOMPARE(pair.losses, 0);
        pair.closePeer();
        QTRY_COMPARE(pair.losses, 1);
    }

    void whoDoesNotStayLosesThePeerAtItsEnd_data()
    {
        QTest::addColumn<bool>("isReading");
        QTest::newRow("reading") << true;
        QTest::newRow("not reading") << false;
    }
    void whoDoesNotStayLosesThePeerAtItsEnd()
    {
        QFETCH(bool, isReading);
        Pair pair;
        pair.stream->setReading(isReading);
        pair.endPeersSide();
        QTRY_COMPARE(pair.losses, 1);
    }

    void knowsItsPeer()
    {
        Pair pair;
        QVERIFY(pair.stream->isValid());
        QCOMPARE(pair.stream->peer(), IpAddress::fromIpv4(0x7f000001));
        QCOMPARE(pair.stream->peerPort(), quint16(4711));
        QCOMPARE(pair.stream->queuedBytes(), 0);
    }

    void isInvalidWithoutADescriptorToWatch()
    {
        Poller poller;
        QByteArray buffer(100, '\0');
        const int fd = ::open("/dev/null", 0);
        ::close(fd);
        Outbox outbox;
        const StreamIo io{ poller, outbox, buffer };
        const ClientStream stream(fd, {}, 0, io);
        QVERIFY(!stream.isValid());
    }

    void knowsHowLongItsOldestByteHasWaited()
    {
        Pair pair;
        pair.send("taken at once");
        QVERIFY(!pair.stream->waitsSince());
        pair.pass(1s);
        QCOMPARE(pair.blocks, 0);
        const QByteArray block(100'000, 'x');
        while (!pair.stream->waitsSince())
            pair.send(block);
        QCOMPARE(pair.blocks, 1);
        QCOMPARE(pair.waitedTicks(), std::optional(0));
        pair.pass(2s);
        pair.send("younger");
        QCOMPARE(pair.waitedTicks(), std::optional(20));
        const qint64 before = pair.stream->queuedBytes();
        char few[2000];
        while (pair.stream->queuedBytes() == before) { // until the kernel has taken some of it
            QVERIFY(::recv(pair.peer, few, sizeof few, MSG_DONTWAIT) > 0);
            QCoreApplication::processEvents();
        }
        if (pair.stream->queuedBytes() > 7)
            QCOMPARE(pair.waitedTicks(), std::optional(20));
        while (pair.stream->queuedBytes() > 0) {
            (void)pair.peerHears();
            QCoreApplication::processEvents();
        }
        QVERIFY(!pair.stream->waitsSince());
        QCOMPARE(pair.blocks, 1);
    }

    void givesUpWhatHasNotBegun()
    {
        Pair pair;
        const QByteArray block(30'000, 'x');
        qint64 sent = 0;
        while (!pair.stream->waitsSince()) {
            pair.send(block);
            sent += block.size();
        }
        pair.send("never heard");
        pair.stream->append("nor this");
        pair.stream->dropUnbegun();
        QVERIFY(pair.stream->queuedBytes() < block.size());
        QCOMPARE(pair.outbox.queuedBytes(), pair.stream->queuedBytes());
        pair.stream->append("last words");
        QByteArray heard;
        QTRY_VERIFY((heard += pair.peerHears()).endsWith("last words"));
        QCOMPARE(pair.stream->queuedBytes(), 0);
        QVERIFY(!heard.contains("nor") && !heard.contains("never"));
        // What was begun arrives whole.
        QCOMPARE((heard.size() - qsizetype(qstrlen("last words"))) % block.size(), 0);
        QVERIFY(heard.size() <= sent + qsizetype(qstrlen("last words")));
    }

    void receives()
    {
        Pair pair;
        pair.peerSays("hello");
        QTRY_COMPARE(pair.received, "hello");
        const QByteArray big(150'000, 'x');
        qsizetype sent = 0;
        while (sent < big.size()) {
            const ssize_t size = ::send(pair.peer, big.constData() + sent, size_t(big.size() - sent), MSG_NOSIGNAL);
            if (size > 0)
                sent += size;
            QCoreApplication::processEvents();
        }
        QTRY_COMPARE(pair.received, QByteArray("hello" + big));
    }

    void sendsAtOnce()
    {
        Pair pair;
        pair.send("one");
        pair.send("");
        pair.send("two");
        QCOMPARE(pair.stream->queuedBytes(), 0);
        QCOMPARE(pair.peerHears(), "onetwo");
        QCOMPARE(pair.drains, 2); // once a turn
    }

    void writesNothingBeforeTheTurnEnds()
    {
        Pair pair;
        {
            const Outbox::Turn outer(pair.outbox);
            {
                const Outbox::Turn inner(pair.outbox);
                pair.stream->send("one");
            }
            QCOMPARE(pair.peerHears(), "");
            QCOMPARE(pair.outbox.queuedBytes(), 3);
            pair.stream->append("two");
            pair.stream->append("three");
            pair.stream->send("four");
            pair.stream->append("five");
        }
        QCOMPARE(pair.peerHears(), "onetwothreefourfive");
        QCOMPARE(pair.outbox.queuedBytes(), 0);
        QCOMPARE(pair.drains, 1);
    }

    void writesOutsideOfATurnWithTheNextEvents()
    {
        Pair pair;
        pair.stream->send("one");
        pair.stream->send("two");
        QCOMPARE(pair.peerHears(), "");
        QCoreApplication::sendPostedEvents();
        QCOMPARE(pair.peerHears(), "onetwo");
    }

    void writesNowWhenAsked()
    {
        Pair pair;
        const Outbox::Turn turn(pair.outbox);
        pair.stream->send("one");
        pair.stream->writeNow();
        QCOMPARE(pair.peerHears(), "one");
        QCOMPARE(pair.stream->queuedBytes(), 0);
    }

    void joinsWhatManyStreamsGet()
    {
        // Three streams of one outbox get the same three arrays, one gets others, in one turn.
        Outbox outbox;
        Poller poller;
        QByteArray buffer(1000, '\0');
        const StreamIo io{ poller, outbox, buffer };
        class Silent final : public ClientStreamObserver
        {
            void streamReceived(QByteArrayView) override { }
            void streamLost() override { }
            void streamDrained() override { }
        } observer;
        std::vector<std::unique_ptr<ClientStream>> streams;
        std::vector<int> peers;
        for (int i = 0; i < 4; ++i) {
            int fds[2]{ -1, -1 };
            QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
            streams.push_back(std::make_unique<ClientStream>(fds[0], IpAddress(), quint16(i), io));
            streams.back()->setObserver(&observer);
            peers.push_back(fds[1]);
        }
        const QByteArrayList frames{ "first ", "second ", "third" };
        {
            const Outbox::Turn turn(outbox);
            for (const QByteArray &frame : frames) {
                for (size_t i = 0; i < 3; ++i)
                    streams[i]->send(frame);
            }
            streams[3]->send(frames[0]);
            streams[3]->append("of its own");
            streams[1].reset(); // it ends in the middle of the turn
        }
        const QByteArrayList expected{ "first second third", "", "first second third", "first of its own" };
        for (int i = 0; i < 4; ++i) {
            char bytes[100];
            const ssize_t size = ::recv(peers[size_t(i)], bytes, sizeof bytes, MSG_DONTWAIT);
            QCOMPARE(QByteArray(bytes, qMax<ssize_t>(0, size)), expected[i]);
            ::close(peers[size_t(i)]);
        }
        QCOMPARE(outbox.queuedBytes(), 0);
    }

    void queuesWhatTheKernelDoesNotTakeAndKeepsTheOrder()
    {
        Pair pair;
        QByteArray expected;
        for (int i = 0; i < 200; ++i) {
            const QByteArray part(10'000, char('a' + i % 26));
            expected += part;
            pair.send(part);
        }
        QVERIFY(pair.stream->queuedBytes() > 0);
        QVERIFY(pair.stream->queuedBytes() < expected.size());
        const int drainsBefore = pair.drains;
        QByteArray heard;
        QTRY_VERIFY((heard += pair.peerHears()).size() == expected.size());
        QVERIFY(heard == expected);
        QTRY_COMPARE(pair.stream->queuedBytes(), 0);
        QTRY_COMPARE(pair.drains, drainsBefore + 1);
    }

    void readsNothingWhileToldNotTo()
    {
        Pair pair;
        pair.stream->setReading(false);
        pair.peerSays("later");
        for (int i = 0; i < 20; ++i)
            QCoreApplication::processEvents();
        QCOMPARE(pair.received, "");
        pair.stream->setReading(true);
        QTRY_COMPARE(pair.received, "later");
    }

    void noticesTheEnd_data()
    {
        QTest::addColumn<bool>("isReading");
        QTest::newRow("reading") << true;
        QTest::newRow("not reading") << false;
    }
    void noticesTheEnd()
    {
        QFETCH(bool, isReading);
        Pair pair;
        pair.stream->setReading(isReading);
        pair.closePeer();
        QTRY_COMPARE(pair.losses, 1);
    }

    void readsTheLastBytesBeforeTheEnd()
    {
        Pair pair;
        pair.peerSays("bye");
        ::shutdown(pair.peer, SHUT_WR);
        QTRY_COMPARE(pair.losses, 1);
        QCOMPARE(pair.received, "bye");
    }

    void tellsAFailedSendLaterNeverWithinTheCall()
    {
        Pair pair;
        pair.closePeer();
        pair.send("into the void");
        QCOMPARE(pair.losses, 0);
        pair.send("again");
        QTRY_COMPARE(pair.losses, 1);
    }

    void shutsDownBehindWhatIsQueued()
    {
        Pair pair;
        const QByteArray big(2'000'000, 'x');
        pair.send(big);
        QVERIFY(pair.stream->queuedBytes() > 0);
        pair.stream->shutdownAfterDrain();
        pair.send("not any more");
        QByteArray heard;
        QTRY_VERIFY((heard += pair.peerHears(), pair.peerSawEnd));
        QVERIFY(heard == big);
    }

    void shutsDownAtOnceWithNothingQueued()
    {
        Pair pair;
        pair.send("last");
        pair.stream->shutdownAfterDrain();
        QCOMPARE(pair.peerHears(), "last");
        QVERIFY(pair.peerSawEnd);
    }

    void closesItsDescriptor()
    {
        Pair pair;
        pair.stream.reset();
        QCOMPARE(pair.peerHears(), "");
        QVERIFY(pair.peerSawEnd);
    }
};

QTEST_GUILESS_MAIN(TestClientStream)
#include "tst_clientstream.moc"
