// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/channel/session.h"
#include "server/notify/notificationmessages.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// Takes the number of seconds that a token lasts from now for the token.
class SecondsVerifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime now) const override
    {
        Identity identity;
        identity.user = u"ann"_s;
        identity.expiresAt = now + std::chrono::seconds(token.toByteArray().toInt());
        return identity;
    }
};

class KeepingSink final : public DecisionSink
{
public:
    void record(Decision decision) override { decisions.push_back(std::move(decision)); }
    std::vector<Decision> decisions;
};

/// One session on one end of a socket pair, with clocks that the test turns; the test is the client on the other end.
class Fixture final : public SessionHost
{
public:
    explicit Fixture(std::chrono::milliseconds tokenLasts = 1h)
    {
        int fds[2]{ -1, -1 };
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        m_fd = fds[1];
        Admission admission;
        admission.identity.user = u"ann"_s;
        admission.identity.expiresAt = m_clock.utc() + tokenLasts;
        HttpRequest request;
        request.headers = { { "sec-websocket-version", "13" }, { "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==" } };
        session = std::make_unique<Session>(1, *this, std::move(admission),
            std::make_unique<ClientStream>(fds[0], IpAddress(), quint16(1), m_io), request);
        session->open(request, {});
        hear();
    }
    ~Fixture() override
    {
        session.reset(); // before what it uses
        ::close(m_fd);
    }
    Q_DISABLE_COPY_MOVE(Fixture)

    ConnectionLoop &loop() override { return m_loop; }
    [[nodiscard]] const LimitSnapshot &snapshot() const override { return m_snapshot; }
    WorkerCounters &counters() override { return m_counters; }
    RefusalRecorder &recorder() override { return m_recorder; }
    [[nodiscard]] const TokenVerifier &tokenVerifier() const override { return m_tokens; }
    [[nodiscard]] const AccessRules &access() const override { return m_access; }
    [[nodiscard]] std::chrono::milliseconds awakeTime() const override { return kAwakeTime; }
    [[nodiscard]] QByteArray sharedHeader(const QByteArray &value) override { return value; }
    void changeGroups(Session &, QStringList) override { }
    void loadInbox(Session &of, std::optional<Cursor>) override { of.greet(listMessage(Inbox())); }
    void listNotifications(Session &, const GetNotificationsCommand &, const QJsonValue &) override { ++lists; }
    void markRead(Session &, std::optional<QStringList>, const QJsonValue &) override { }
    void sessionEnded(Session &) override { hasEnded = true; }

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
        session->sendMessage(json);
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
    KeepingSink sink;
    std::unique_ptr<Session> session;
    bool hasEnded = false;
    int lists = 0;

private:
    FakeClock m_clock;
    std::vector<Network> m_proxies;
    Poller m_poller;
    Outbox m_outbox;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);
    LoopCommons m_commons{ 1000 };
    ConnectionLoop m_loop{ ConnectionLoopEnvironment{ &m_clock, nullptr, nullptr, &m_proxies, &memory, &m_commons } };
    const StreamIo m_io{ m_poller, m_outbox, m_buffer, &m_loop.wheel() };
    LimitSnapshot m_snapshot;
    WorkerCounters m_counters;
    RefusalRecorder m_recorder{ m_clock, m_counters, sink };
    SecondsVerifier m_tokens;
    AccessRules m_access;
    int m_fd = -1;
};

} // namespace

class TestSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// A token ends at a moment of the wall clock, whether the process runs until then or not.
    void endsWithItsToken_data()
    {
        QTest::addColumn<int>("stopped");
        QTest::addColumn<int>("set");
        QTest::addColumn<bool>("isOver");
        QTest::newRow("nothing happens") << 0 << 0 << false;
        QTest::newRow("stopped for less") << 60 << 0 << false;
        QTest::newRow("stopped for more") << 600 << 0 << true;
        QTest::newRow("stopped for a day") << 86'400 << 0 << true;
        QTest::newRow("the machine slept") << 0 << 600 << true;
        QTest::newRow("set back by an hour") << 0 << -3600 << false;
    }
    void endsWithItsToken()
    {
        QFETCH(int, stopped);
        QFETCH(int, set);
        QFETCH(bool, isOver);
        Fixture fixture(5min);
        fixture.pass(1s);
        fixture.jump(std::chrono::seconds(stopped), std::chrono::seconds(set));
        QCOMPARE(fixture.hasEnded, isOver);
        if (isOver) {
            QVERIFY(fixture.hear().endsWith("{\"r\":\"token_expired\"}"));
            return;
        }
        fixture.jump(0ms, std::chrono::seconds(299 - stopped - set) - 200ms);
        QVERIFY(!fixture.hasEnded);
        QVERIFY(fixture.hear().contains("token_expiring"));
        fixture.pass(400ms);
        QVERIFY(fixture.hasEnded);
    }

    void livesOnWithANewToken()
    {
        Fixture fixture(30s);
        fixture.say(R"({"type":"refresh","token":"7200","id":1})");
        QVERIFY(fixture.hear().contains("ack"));
        fixture.jump(1h, 0ms);
        QVERIFY(!fixture.hasEnded);
        fixture.jump(2h, 0ms);
        QVERIFY(fixture.hasEnded);
    }

    void recordsWhyASlowConsumerWasCut_data()
    {
        QTest::addColumn<bool>("isForMemory");
        QTest::newRow("for its age") << false;
        QTest::newRow("for the server's memory") << true;
    }
    void recordsWhyASlowConsumerWasCut()
    {
        QFETCH(bool, isForMemory);
        Fixture fixture;
        while (!fixture.session->peer().waitingFor())
            fixture.send('{' + QByteArray(10'000, ' ') + '}');
        const qint64 queued = fixture.session->peer().queuedBytes();
        if (isForMemory)
            fixture.session->cutForMemory();
        else
            fixture.pass(kQueueDeadline + 300ms);
        QVERIFY(fixture.hasEnded);
        QCOMPARE(fixture.sink.decisions.size(), size_t(1));
        const Decision &decision = fixture.sink.decisions.front();
        QVERIFY(decision.reason == Reason::SlowConsumer);
        QCOMPARE(decision.user, u"ann"_s);
        QCOMPARE(decision.observed, std::optional<qint64>(queued));
        QVERIFY(!decision.limit); // it was not the bound of bytes
        QCOMPARE(fixture.counters().refused[size_t(Reason::SlowConsumer)].load(), 1);
    }

    void makesNoListsWhenMemoryIsShort()
    {
        Fixture fixture;
        fixture.memory.level = MemoryLevel::DropDroppable;
        fixture.say(R"({"type":"get_notifications","id":1})");
        QCOMPARE(fixture.lists, 1);
        fixture.memory.level = MemoryLevel::CutSlow;
        fixture.say(R"({"type":"get_notifications","id":2})");
        QCOMPARE(fixture.lists, 1);
        const QByteArray heard = fixture.hear();
        QVERIFY(heard.contains("\"busy\"") && heard.contains("\"id\":2"));
        fixture.say(R"({"type":"ping","id":3})");
        QVERIFY(fixture.hear().contains("pong"));
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
