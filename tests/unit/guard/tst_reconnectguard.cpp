// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/guardchain.h"
#include "server/guard/guardpreview.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakeguards.h"
#include "tests/support/guardground.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

struct Fixture : GuardGround
{
    FakeClock clock;
    OriginPolicy origins{ { u"app.example"_s }, false, false };
    FakeVerifier verifier;
    RecordingSink sink;
    WorkerCounters counters;
    RefusalRecorder recorder{ clock, counters, sink };
    GuardChain chain{ environmentOf(clock, origins, verifier), recorder };
    LimitSnapshot snapshot;
    std::vector<GuardVerdict> open;

    Fixture() { snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 100; }

    /// The code of the refusal, or "ok"; keeps the connection open.
    QString attempt(const QByteArray &token, const QByteArray &origin = "https://app.example", quint32 address = 1)
    {
        GuardVerdict verdict = chain.judge({ IpAddress::fromIpv4(address), origin, token }, snapshot);
        const Refusal *refusal = std::get_if<Refusal>(&verdict);
        const QString code = refusal ? refusal->toProblem().code : u"ok"_s;
        open.push_back(std::move(verdict));
        return code;
    }
};

} // namespace

/// Whose budget an attempt uses: that of a user at an address, or that of the strangers there.
class TestReconnectGuard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void colleaguesBehindOneAddressHaveBudgetsOfTheirOwn()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 3;
        for (const char *user : { "ann", "ben", "cat" }) {
            for (int i = 0; i < 3; ++i)
                QCOMPARE(fixture.attempt(user), u"ok"_s);
            fixture.open.clear();
        }
        QCOMPARE(fixture.attempt("ben"), u"too_many_reconnects"_s);
        const Decision decision = fixture.sink.decisions().back();
        QCOMPARE(decision.user, u"ben"_s);
        QCOMPARE(decision.retryAfterSeconds, std::optional<qint64>(60));
        QCOMPARE(fixture.attempt("ben", "https://app.example", 2), u"ok"_s); // at home
        QCOMPARE(fixture.attempt("dan"), u"ok"_s);
        // Strangers at their address use up nothing of theirs.
        for (int i = 0; i < 5; ++i)
            (void)fixture.attempt("bad");
        QCOMPARE(fixture.attempt("dan"), u"ok"_s);
        // The window is a limit like the others.
        fixture.snapshot.limits[LimitKey::ReconnectWindow].value = 5;
        fixture.clock.advance(std::chrono::seconds(5));
        QCOMPARE(fixture.attempt("ben"), u"ok"_s);
    }

    void anAddressIsAsWideAsItIsSaid()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        for (const int bits : { 64, 60, 56, 48 }) {
            GuardEnvironment environment = fixture.chain.guards().environment();
            environment.ipv6PrefixBits = bits;
            GuardChain chain(environment, fixture.recorder);
            std::vector<GuardVerdict> open;
            const auto isAdmitted = [&](const char *address) {
                const UpgradeAttempt attempt{ *IpAddress::parse(address), "https://app.example", "ann" };
                const bool wouldBe = !GuardPreviewer(chain.guards()).preview(attempt, fixture.snapshot).refusing();
                open.push_back(chain.judge(attempt, fixture.snapshot));
                return wouldBe == std::holds_alternative<Admission>(open.back()) && wouldBe;
            };
            QVERIFY(isAdmitted("2001:db8:5:6789::1"));
            QVERIFY(!isAdmitted("2001:db8:5:6789:ffff::2"));
            QCOMPARE(fixture.sink.decisions().back().address,
                IpAddress::parse("2001:db8:5:6789::")->bucket(bits).toString() + u"/%1"_s.arg(bits));
            QCOMPARE(isAdmitted("2001:db8:5:6780::2"), bits > 60);
            QCOMPARE(isAdmitted("2001:db8:5:6700::2"), bits > 56);
            QCOMPARE(isAdmitted("2001:db8:5:1::2"), bits > 48);
            QVERIFY(isAdmitted("2001:db8:6::2"));
            QVERIFY(isAdmitted("203.0.113.7") && isAdmitted("203.0.113.8"));
            fixture.clock.advance(std::chrono::minutes(1));
        }
    }

    void aConnectionTestUsesNoBudget()
    {
        class TestVerifier final : public TokenVerifier
        {
        public:
            [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
            {
                Identity identity{ u"gatehouse-test"_s };
                identity.isTest = token == "test";
                return identity;
            }
        };
        Fixture fixture;
        const TestVerifier verifier;
        GuardEnvironment environment = fixture.chain.guards().environment();
        environment.tokenVerifier = &verifier;
        GuardChain chain(environment, fixture.recorder);
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        const auto isAdmitted = [&](const QByteArray &token) {
            const UpgradeAttempt attempt{ IpAddress::fromIpv4(1), "https://app.example", token };
            const bool wouldBe = !GuardPreviewer(chain.guards()).preview(attempt, fixture.snapshot).refusing();
            const bool is = std::holds_alternative<Admission>(chain.judge(attempt, fixture.snapshot));
            return wouldBe == is ? std::optional(is) : std::nullopt;
        };
        for (int i = 0; i < 5; ++i)
            QCOMPARE(isAdmitted("test"), std::optional(true));
        QCOMPARE(fixture.clients.size(), 0);
        QCOMPARE(isAdmitted("another token of the same user"), std::optional(true));
        QCOMPARE(isAdmitted("another token of the same user"), std::optional(false));
        QCOMPARE(isAdmitted("test"), std::optional(true));
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 0; // other limits hold for it
        QCOMPARE(isAdmitted("test"), std::optional(false));
    }

    void observedAttemptsOfStrangersAreRecorded()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts] = { 1, LimitMode::Observe };
        QCOMPARE(fixture.attempt("bad"), u"token_invalid"_s);
        QCOMPARE(fixture.attempt("bad"), u"token_invalid"_s);
        QCOMPARE(fixture.counters.observed[size_t(Reason::TooManyReconnects)].load(), 1);
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts] = { 1, LimitMode::Off };
        QCOMPARE(fixture.attempt("bad"), u"token_invalid"_s);
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts] = { 1, LimitMode::Enforce };
        fixture.snapshot.isGuarding = false;
        QCOMPARE(fixture.attempt("bad"), u"token_invalid"_s);
        fixture.snapshot.isGuarding = true;
        QCOMPARE(fixture.attempt("bad"), u"too_many_reconnects"_s);
    }
};

QTEST_APPLESS_MAIN(TestReconnectGuard)
#include "tst_reconnectguard.moc"
