// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/channel/consolesession.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// A console on one end of a socket pair, with clocks that the test turns; the test is its client.
class Fixture final
{
public:
    explicit Fixture(std::optional<std::chrono::milliseconds> tokenLasts = {})
    {
        int fds[2]{ -1, -1 };
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        m_fd = fds[1];
        Identity identity;
        identity.user = QStringLiteral("root");
        if (tokenLasts)
            identity.expiresAt = m_clock.utc() + *tokenLasts;
        HttpRequest request;
        request.headers = { { "sec-websocket-version", "13" }, { "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==" } };
        console = std::make_unique<ConsoleSession>(1, m_loop,
            std::make_unique<ClientStream>(fds[0], IpAddress(), quint16(1), m_io), identity, m_audience,
            [this](ConsoleSession &) { hasEnded = true; });
        console->open(request, {}, R"({"type":"hello"})");
        hear();
    }
    ~Fixture()
    {
        console.reset(); // before what it uses
        ::close(m_fd);
    }
    Q_DISABLE_COPY_MOVE(Fixture)

    void say(const QByteArray &text)
    {
        const QByteArray frame = encodeClientFrame(Opcode::Text, text);
        QCOMPARE(::send(m_fd, frame.constData(), size_t(frame.size()), MSG_NOSIGNAL), frame.size());
        for (int i = 0; i < 5; ++i)
            QCoreApplication::processEvents();
    }
    QByteArray hear()
    {
        m_outbox.flush();
        QByteArray buffer(1 << 20, Qt::Uninitialized);
        const ssize_t size = ::recv(m_fd, buffer.data(), size_t(buffer.size()), MSG_DONTWAIT);
        return buffer.left(qMax<ssize_t>(0, size));
    }
    void send(const QByteArray &json)
    {
        const Outbox::Turn turn(m_outbox);
        console->send(ConsoleTopic::Metrics, json);
    }
    void pass(std::chrono::milliseconds time)
    {
        for (auto passed = 0ms; passed < time; passed += 100ms)
            jump(100ms, 0ms);
    }
    /// The process stands still for the first, and somebody sets the wall clock by the second.
    void jump(std::chrono::milliseconds stopped, std::chrono::milliseconds set)
    {
        m_clock.advance(stopped);
        m_clock.jumpUtc(set);
        m_loop.wheel().advance();
        m_loop.dates().advance();
    }

    MemoryState memory;
    std::unique_ptr<ConsoleSession> console;
    bool hasEnded = false;

private:
    FakeClock m_clock;
    std::vector<Network> m_proxies;
    Poller m_poller;
    Outbox m_outbox;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);
    LoopCommons m_commons{ 1000 };
    ConnectionLoop m_loop{ ConnectionLoopEnvironment{ &m_clock, nullptr, nullptr, &m_proxies, &memory, &m_commons } };
    const StreamIo m_io{ m_poller, m_outbox, m_buffer, &m_loop.wheel() };
    ConsoleAudience m_audience{};
    int m_fd = -1;
};

} // namespace

class TestConsoleSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void subscribes()
    {
        Fixture fixture;
        QVERIFY(!fixture.console->isSubscribed(ConsoleTopic::Alerts));
        fixture.say(R"({"type":"subscribe","topics":["alerts"]})");
        QVERIFY(fixture.hear().contains("subscribed"));
        QVERIFY(fixture.console->isSubscribed(ConsoleTopic::Alerts));
        fixture.say(R"({"type":"subscribe","topics":["nonsense"]})");
        QVERIFY(fixture.hear().contains("unknown_topic"));
        QVERIFY(fixture.console->isSubscribed(ConsoleTopic::Alerts));
    }

    /// A token ends at a moment of the wall clock, whatever happens until then.
    void endsWithItsToken_data()
    {
        QTest::addColumn<int>("stopped");
        QTest::addColumn<int>("set");
        QTest::addColumn<bool>("isOver");
        QTest::newRow("nothing happens") << 0 << 0 << false;
        QTest::newRow("stopped, and not over") << 15 << 0 << false;
        QTest::newRow("stopped beyond it") << 40 << 0 << true;
        QTest::newRow("the machine slept") << 0 << 40 << true;
        QTest::newRow("set by a day") << 0 << 86'400 << true;
        QTest::newRow("both together") << 10 << 11 << true;
        QTest::newRow("set back meanwhile") << 40 << -30 << false;
        QTest::newRow("set back by a day") << 0 << -86'400 << false;
    }
    void endsWithItsToken()
    {
        QFETCH(int, stopped);
        QFETCH(int, set);
        QFETCH(bool, isOver);
        Fixture fixture(20s);
        fixture.pass(1s);
        fixture.jump(std::chrono::seconds(stopped), std::chrono::seconds(set));
        QCOMPARE(fixture.hasEnded, isOver);
        if (isOver) {
            QVERIFY(fixture.hear().endsWith("{\"r\":\"token_expired\"}"));
            return;
        }
        fixture.jump(0ms, std::chrono::seconds(19 - stopped - set) - 200ms);
        QVERIFY(!fixture.hasEnded);
        fixture.pass(400ms);
        QVERIFY(fixture.hasEnded);
    }

    void outlivesAPauseOfTheServer()
    {
        Fixture fixture;
        fixture.pass(20s);
        fixture.jump(1h, 0ms);
        QVERIFY(!fixture.hasEnded);
        fixture.say(R"({"type":"subscribe","topics":[]})");
        QVERIFY(fixture.hear().contains("subscribed"));
    }

    void isCutIfItDoesNotListen()
    {
        Fixture fixture;
        while (!fixture.console->peer().waitingFor())
            fixture.send('{' + QByteArray(10'000, ' ') + '}');
        for (int second = 0; second < kQueueDeadline.count(); ++second) {
            QVERIFY(!fixture.hasEnded);
            fixture.send(R"({"more":1})");
            fixture.say(R"({"type":"subscribe","topics":[]})"); // it speaks, and does not read
            fixture.pass(1s);
        }
        fixture.pass(300ms);
        QVERIFY(fixture.hasEnded);
    }

    void losesFramesFirstWhenMemoryIsShort()
    {
        Fixture fixture;
        while (!fixture.console->peer().waitingFor())
            fixture.send('{' + QByteArray(10'000, ' ') + '}');
        fixture.memory.level = MemoryLevel::DropDroppable;
        const qint64 before = fixture.console->peer().queuedBytes();
        fixture.send(R"({"lost":1})");
        fixture.send(R"({"lost":2})");
        QCOMPARE(fixture.console->peer().queuedBytes(), before);
        QByteArray heard;
        QTRY_COMPARE((heard += fixture.hear(), fixture.console->peer().queuedBytes()), 0);
        fixture.send(R"({"type":"metrics"})");
        QTRY_VERIFY((heard += fixture.hear()).endsWith(R"({"type":"metrics","lost":2})"));
        fixture.console->cutForMemory(); // nothing waits: but whoever says so decides
        QVERIFY(fixture.hasEnded);
    }
};

QTEST_GUILESS_MAIN(TestConsoleSession)
#include "tst_consolesession.moc"
