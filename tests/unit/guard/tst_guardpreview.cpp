// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/guardchain.h"
#include "server/guard/guardpreview.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakeguards.h"
#include "tests/support/guardground.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

AccessRule rule(AccessKind kind, const QString &value)
{
    AccessRule result;
    result.kind = kind;
    result.value = value;
    return result;
}

class CountingSink final : public DecisionSink
{
public:
    void record(Decision) override { ++recorded; }
    void count(const Decision &, qint64) override { ++recorded; }
    int recorded = 0;
};

struct Fixture : GuardGround
{
    FakeClock clock;
    OriginPolicy origins{ { u"app.example"_s }, false, false };
    OriginPolicy hosts{ { u"push.example"_s }, false, false };
    FakeVerifier verifier;
    ReconnectGrants grants;
    TicketBook tickets{ clock };
    CountingSink sink;
    WorkerCounters counters;
    RefusalRecorder recorder{ clock, counters, sink };
    GuardChain chain{ environment(), recorder };
    AccessRulesPtr access = std::make_shared<const AccessRules>(
        std::vector{ rule(AccessKind::User, u"bad-ben"_s), rule(AccessKind::Address, u"0.0.0.7"_s) },
        std::vector{ rule(AccessKind::Address, u"0.0.0.8"_s) });
    LimitSnapshot snapshot;
    std::vector<GuardVerdict> open;

    Fixture() { chain.setAccess(access); }
    [[nodiscard]] GuardEnvironment environment()
    {
        GuardEnvironment made = environmentOf(clock, origins, verifier);
        made.servedHosts = &hosts;
        made.grants = &grants;
        made.tickets = &tickets;
        return made;
    }
};

} // namespace

class TestGuardPreview : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Whatever the situation: what is told is what then happens, and telling it changes nothing.
    void tellsWhatTheChainThenDecides()
    {
        QRandomGenerator random(7);
        Fixture fixture;
        const auto one = [&random](auto... values) {
            const std::array list{ QByteArray(values)... };
            return list[random.bounded(quint32(list.size()))];
        };
        QHash<QString, int> seen;
        for (int i = 0; i < 20'000; ++i) {
            fixture.isDraining = random.bounded(100) == 0;
            fixture.snapshot.isGuarding = random.bounded(20) != 0;
            for (const LimitDescriptor &limit : limitDescriptors())
                fixture.snapshot.limits[limit.key] = { random.bounded(2, 12), LimitMode(random.bounded(3)) };
            fixture.snapshot.limits[LimitKey::ReconnectWindow].value = i / 500 % 2 ? 60 : 3'600;
            UpgradeAttempt attempt{ IpAddress::fromIpv4(random.bounded(1U, 10U)),
                one("https://app.example", "https://app.example", "https://app.example", "https://evil.example"),
                one("ann", "ann", "cat", "bad-ben", "bad", ""),
                one("push.example", "push.example", "push.example", "x") };
            if (random.bounded(50) == 0)
                fixture.grants.give(
                    { { ClientKey::of(AddressKey::of(IpAddress::fromIpv4(random.bounded(1U, 10U))), u"ann"_s), 2 } },
                    fixture.clock.monotonic());
            if (random.bounded(10) == 0)
                attempt.ticket = std::get<QByteArray>(fixture.tickets.issue({ u"dan"_s }));
            const qint64 known = fixture.addresses.size() + fixture.clients.size() + fixture.strangers.size();
            const qint64 openBefore = fixture.users.openInAll();
            const ClientCounts grantsBefore = fixture.grants.left(fixture.clock.monotonic());
            const int recordedBefore = fixture.sink.recorded;
            const GuardPreview preview = GuardPreviewer(fixture.chain.guards()).preview(attempt, fixture.snapshot);
            QCOMPARE(fixture.addresses.size() + fixture.clients.size() + fixture.strangers.size(), known);
            QCOMPARE(fixture.users.openInAll(), openBefore);
            QCOMPARE(fixture.sink.recorded, recordedBefore);
            QVERIFY(fixture.grants.left(fixture.clock.monotonic()) == grantsBefore);

            const GuardCheck *told = preview.refusing();
            GuardVerdict verdict = fixture.chain.judge(attempt, fixture.snapshot); // a ticket is still good
            const Refusal *refusal = std::get_if<Refusal>(&verdict);
            QCOMPARE(told != nullptr, refusal != nullptr);
            seen[refusal ? refusal->toProblem().guard + u'/' + refusal->toProblem().code : u"admitted"_s]++;
            if (refusal) {
                const Problem problem = refusal->toProblem();
                QCOMPARE(*told->reason, refusal->decision.reason);
                QCOMPARE(told->detail, problem.detail);
                QCOMPARE(told->limit, problem.limit);
                QCOMPARE(told->retryAfterSeconds, problem.retryAfterSeconds);
                QCOMPARE(told->observed, problem.observed);
            }
            fixture.open.push_back(std::move(verdict));
            if (fixture.open.size() > 15)
                fixture.open.erase(fixture.open.begin() + random.bounded(15));
            fixture.clock.advance(std::chrono::seconds(random.bounded(60)));
            if (i % 500 == 0)
                fixture.open.clear();
        }
        for (const char *outcome :
            { "admitted", "server/draining", "address/banned", "origin/wrong_host", "origin/origin_not_allowed",
                "address/too_many_connections", "reconnect/too_many_reconnects", "token/token_missing",
                "token/token_invalid", "user/banned", "server/server_full", "user/too_many_connections" })
            QVERIFY2(seen.value(QString::fromLatin1(outcome)) > 0, outcome);
    }
};

QTEST_GUILESS_MAIN(TestGuardPreview)
#include "tst_guardpreview.moc"
