// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include "server/channel/consolesession.h"
#include "tests/support/streamrig.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// A console, whose client the test is.
class Fixture final : public StreamRig
{
public:
    explicit Fixture(std::optional<std::chrono::milliseconds> tokenLasts = {})
    {
        Identity identity;
        identity.user = QStringLiteral("root");
        if (tokenLasts)
            identity.expiresAt = clock().utc() + *tokenLasts;
        console = std::make_unique<ConsoleSession>(
            1, connectionLoop(), takeStream(), identity, m_audience, [this](ConsoleSession &) { hasEnded = true; });
        console->open(upgradeRequest(), {}, R"({"type":"hello"})");
        hear();
    }

    void send(const QByteArray &json)
    {
        const Outbox::Turn turn(outbox());
        console->send(ConsoleTopic::Metrics, json);
    }

    bool hasEnded = false;

private:
    ConsoleAudience m_audience{};

public:
    std::unique_ptr<ConsoleSession> console;
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
        fixture.sayText(R"({"type":"subscribe","topics":["alerts"]})");
        QVERIFY(fixture.hear().contains("subscribed"));
        QVERIFY(fixture.console->isSubscribed(ConsoleTopic::Alerts));
        fixture.sayText(R"({"type":"subscribe","topics":["nonsense"]})");
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
        fixture.sayText(R"({"type":"subscribe","topics":[]})");
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
            fixture.sayText(R"({"type":"subscribe","topics":[]})"); // it speaks, and does not read
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
