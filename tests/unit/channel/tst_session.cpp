// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"
#include "tests/support/fakesessionhost.h"

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

/// One session, whose client the test is.
class Fixture final : public FakeSessionHost
{
public:
    explicit Fixture(std::chrono::milliseconds tokenLasts = 1h)
    {
        Admission admission;
        admission.userSlot = UserSlot::uncounted(u"ann"_s);
        admission.identity.expiresAt = clock().utc() + tokenLasts;
        const HttpRequest request = upgradeRequest();
        session = std::make_unique<Session>(1, *this, std::move(admission), takeStream(), request);
        session->open(request, {});
        hear();
    }

    [[nodiscard]] const TokenVerifier &tokenVerifier() const override { return m_tokens; }
    [[nodiscard]] const LimitSnapshot &snapshot() const override { return rules; }
    void loadInbox(Session &of, std::optional<Cursor>) override { of.greet(listMessage(Inbox())); }
    void listNotifications(Session &, const GetNotificationsCommand &, const QJsonValue &) override { ++lists; }
    void sessionEnded(Session &) override { hasEnded = true; }

    void send(const QByteArray &json)
    {
        const Outbox::Turn turn(outbox());
        session->sendMessage(json);
    }

    LimitSnapshot rules;
    bool hasEnded = false;
    int lists = 0;

private:
    SecondsVerifier m_tokens;

public:
    std::unique_ptr<Session> session;
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
        fixture.sayText(R"({"type":"refresh","token":"7200","id":1})");
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
        QCOMPARE(fixture.sink.decisions().size(), size_t(1));
        const Decision decision = fixture.sink.decisions().front();
        QVERIFY(decision.reason == Reason::SlowConsumer);
        QCOMPARE(decision.user, u"ann"_s);
        QCOMPARE(decision.observed, std::optional<qint64>(queued));
        QVERIFY(!decision.limit); // it was not the bound of bytes
        QCOMPARE(fixture.counters().refused[size_t(Reason::SlowConsumer)].load(), 1);
    }

    /// Of a flood only some are recorded, but all are told: the counters, the records and the counts agree.
    void tellsWhoseEveryRefusedMessageWas()
    {
        Fixture fixture;
        fixture.rules.limits[LimitKey::MessageLimitStrikes].value = 1'000'000; // it may go on
        for (int second = 0; second < 4; ++second) {
            for (int i = 0; i < 100; ++i)
                fixture.sayText(R"({"type":"ping"})");
            (void)fixture.hear();
            fixture.pass(1100ms);
        }
        const auto all = [&] { return fixture.counters().refused[size_t(Reason::RateLimited)].load(); };
        QVERIFY(all() > 300);
        const auto told = [&] { return qint64(fixture.sink.decisions().size()) + fixture.sink.counted(u"ann"_s); };
        QVERIFY(qint64(fixture.sink.decisions().size()) < all() / 2);
        QVERIFY(told() > all() / 2); // all but those of the last second
        const UtcTime flood = fixture.sink.decisions().back().at;
        fixture.pass(1min);
        fixture.session->close(CloseCode::Normal, {});
        fixture.pass(10s);
        QVERIFY(fixture.hasEnded);
        QCOMPARE(told(), all());
        QVERIFY(
            fixture.sink.lastCountedAt() >= flood && fixture.sink.lastCountedAt() < flood + 1s); // not when it ended
    }

    void makesNoListsWhenMemoryIsShort()
    {
        Fixture fixture;
        fixture.memory.level = MemoryLevel::DropDroppable;
        fixture.sayText(R"({"type":"get_notifications","id":1})");
        QCOMPARE(fixture.lists, 1);
        fixture.memory.level = MemoryLevel::CutSlow;
        fixture.sayText(R"({"type":"get_notifications","id":2})");
        QCOMPARE(fixture.lists, 1);
        const QByteArray heard = fixture.hear();
        QVERIFY(heard.contains("\"busy\"") && heard.contains("\"id\":2"));
        fixture.sayText(R"({"type":"ping","id":3})");
        QVERIFY(fixture.hear().contains("pong"));
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
