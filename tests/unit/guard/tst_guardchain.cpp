// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/guardchain.h"
#include "server/guard/guardpreview.h"
#include "tests/support/fakeclock.h"
#include "tests/support/guardground.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

class Verifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        ++calls;
        if (token.isEmpty())
            return TokenRefusal{ Reason::TokenMissing, u"no token"_s };
        if (token == "expired")
            return TokenRefusal{ Reason::TokenExpired, u"expired"_s };
        Identity identity{ QString::fromUtf8(token) };
        identity.tokenId = u"token of "_s + identity.user;
        return identity;
    }
    mutable std::atomic<int> calls{ 0 };
};

class Sink final : public DecisionSink
{
public:
    void record(Decision decision) override { decisions.push_back(std::move(decision)); }
    void count(const Decision &, qint64) override { }
    std::vector<Decision> decisions;
};

struct Fixture : GuardGround
{
    FakeClock clock;
    OriginPolicy origins{ { u"app.example"_s }, false, false };
    Verifier verifier;
    ReconnectGrants grants;
    Sink sink;
    WorkerCounters counters;
    RefusalRecorder recorder{ clock, counters, sink };
    GuardChain chain{ environment(), recorder };
    LimitSnapshot snapshot;
    std::vector<GuardVerdict> open;

    [[nodiscard]] GuardEnvironment environment()
    {
        GuardEnvironment made = environmentOf(clock, origins, verifier);
        made.grants = &grants;
        return made;
    }
    /// The code of the refusal, or "ok"; keeps the connection open.
    QString attempt(const QByteArray &token, const QByteArray &origin = "https://app.example", quint32 address = 1)
    {
        GuardVerdict verdict = chain.judge(
            { IpAddress::fromIpv4(address), origin.isEmpty() ? std::nullopt : std::optional(origin), token }, snapshot);
        const Refusal *refusal = std::get_if<Refusal>(&verdict);
        const QString code = refusal ? refusal->toProblem().code : u"ok"_s;
        open.push_back(std::move(verdict));
        return code;
    }
    [[nodiscard]] qint64 refused(Reason reason) const { return counters.refused[size_t(reason)].load(); }
};

/// A user at the address of attempt().
ClientKey clientOf(const char *user)
{
    return ClientKey::of(AddressKey::of(IpAddress::fromIpv4(1)), QString::fromLatin1(user));
}

} // namespace

class TestGuardChain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesNewcomersWithoutMemory()
    {
        Fixture fixture;
        MemoryState memory;
        GuardEnvironment environment = fixture.environment();
        environment.memory = &memory;
        GuardChain chain(environment, fixture.recorder);
        UpgradeAttempt attempt;
        attempt.origin = "https://app.example";
        attempt.token = "ann";
        using enum MemoryLevel;
        for (const MemoryLevel level : { Normal, DropDroppable, CutSlow }) {
            memory.level = level;
            QVERIFY(std::holds_alternative<Admission>(chain.judge(attempt, fixture.snapshot)));
        }
        memory.level = RefuseNewcomers;
        const GuardVerdict verdict = chain.judge(attempt, fixture.snapshot);
        const Refusal *refusal = std::get_if<Refusal>(&verdict);
        QVERIFY(refusal);
        const Problem problem = refusal->toProblem();
        QCOMPARE(problem.status, 503);
        QCOMPARE(problem.code, u"server_full"_s);
        QVERIFY(problem.detail.contains(u"memory"_s));
        QVERIFY(refusal->decision.retryAfterSeconds.value_or(0) > 0);
        QVERIFY(!refusal->decision.limit); // it is not MAX_CONNECTIONS
        fixture.isDraining = true;         // which is worse to wait for
        const GuardVerdict draining = chain.judge(attempt, fixture.snapshot);
        QCOMPARE(std::get<Refusal>(draining).toProblem().code, u"draining"_s);
        fixture.isDraining = false;
        memory.level = CutSlow;
        QVERIFY(std::holds_alternative<Admission>(chain.judge(attempt, fixture.snapshot)));
    }

    void judgesInOrder()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        // Everything is wrong: the outermost guard answers.
        fixture.isDraining = true;
        QCOMPARE(fixture.attempt("", "https://evil.example"), u"draining"_s);
        fixture.isDraining = false;
        QCOMPARE(fixture.attempt("", "https://evil.example"), u"origin_not_allowed"_s);
        QCOMPARE(fixture.attempt("", ""), u"origin_not_allowed"_s);
        QCOMPARE(fixture.attempt(""), u"too_many_connections"_s);
        QCOMPARE(fixture.attempt("", "https://app.example", 2), u"token_missing"_s);
        QCOMPARE(fixture.attempt("expired", "https://app.example", 2), u"token_expired"_s);
        QCOMPARE(fixture.sink.decisions.size(), 6U);
        QCOMPARE(fixture.refused(Reason::OriginNotAllowed), 2);
    }

    void banIsTheFirstWordAndRevocationComesAfterTheToken()
    {
        Fixture fixture;
        const auto rule = [](AccessKind kind, const QString &value) {
            AccessRule made;
            made.kind = kind;
            made.value = value;
            return made;
        };
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        QCOMPARE(fixture.attempt("ann", "https://app.example", 2), u"ok"_s);
        fixture.chain.setAccess(std::make_shared<const AccessRules>(
            std::vector{ rule(AccessKind::Address, u"0.0.0.1"_s), rule(AccessKind::User, u"ann"_s),
                rule(AccessKind::TokenId, u"token of ben"_s) },
            std::vector<AccessRule>{}));
        QCOMPARE(fixture.attempt("", "https://evil.example", 1), u"banned"_s);
        QCOMPARE(fixture.attempt("ann", "https://evil.example", 2), u"origin_not_allowed"_s);
        QCOMPARE(fixture.attempt("ann", "https://app.example", 2), u"too_many_connections"_s);
        QCOMPARE(fixture.attempt("expired", "https://app.example", 3), u"token_expired"_s);
        for (int i = 0; i < 20; ++i) { // which uses no budget
            QCOMPARE(fixture.attempt("ann", "https://app.example", 3), u"banned"_s);
            QCOMPARE(fixture.attempt("ben", "https://app.example", 3), u"token_revoked"_s);
        }
        QCOMPARE(fixture.attempt("cat", "https://app.example", 3), u"ok"_s);
        QCOMPARE(fixture.refused(Reason::Banned), 1);
        QCOMPARE(fixture.refused(Reason::UserBanned), 20);
        QCOMPARE(fixture.refused(Reason::TokenRevoked), 20);
        QCOMPARE(fixture.sink.decisions[0].address, u"0.0.0.1"_s);
        QCOMPARE(fixture.sink.decisions.back().user, u"ben"_s);
        fixture.chain.setAccess(std::make_shared<const AccessRules>());
        QCOMPARE(fixture.attempt("ben", "https://app.example", 1), u"ok"_s);
    }

    void limitsDoNotCountWhoIsExempt()
    {
        Fixture fixture;
        AccessRule exemption;
        exemption.kind = AccessKind::Cidr;
        exemption.value = u"0.0.0.0/28"_s;
        AccessRule ban;
        ban.kind = AccessKind::Address;
        ban.value = u"0.0.0.2"_s;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        fixture.chain.setAccess(std::make_shared<const AccessRules>(std::vector{ ban }, std::vector{ exemption }));
        for (int i = 0; i < 5; ++i)
            QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        const auto *admission = std::get_if<Admission>(&fixture.open.back());
        QCOMPARE(admission->addressSlot.bucket().toAddress().bucketText(), u"0.0.0.1"_s);
        QCOMPARE(fixture.attempt("ann", "https://app.example", 2), u"banned"_s); // a ban wins
        QCOMPARE(fixture.addresses.size(), 0);
        // Limits of users and of the whole server count everybody.
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 5;
        QCOMPARE(fixture.attempt("ann"), u"too_many_connections"_s);
        // When it is lifted, those that are open still count for nothing.
        fixture.chain.setAccess(std::make_shared<const AccessRules>());
        QCOMPARE(fixture.attempt("ben"), u"ok"_s);
        QCOMPARE(fixture.attempt("ben"), u"too_many_connections"_s);
    }

    void nobodyFlushesHisOwnBan()
    {
        Fixture fixture;
        AccessRule ban;
        ban.kind = AccessKind::Address;
        ban.value = u"203.0.113.7"_s;
        fixture.chain.setAccess(std::make_shared<const AccessRules>(std::vector{ ban }, std::vector<AccessRule>{}));
        // Bans are no entries of the table that strangers fill: whatever number of them comes, this one stays.
        for (quint32 address = 1; address <= 20'000; ++address) {
            (void)fixture.attempt("expired", "https://app.example", address << 8);
            fixture.open.clear();
        }
        QCOMPARE(fixture.attempt("ann", "https://app.example", 0xcb007107), u"banned"_s);
    }

    void servesTheHostsItIsToldTo()
    {
        Fixture fixture;
        const OriginPolicy served({ u"push.example"_s, u".example.org"_s, u"[::1]"_s }, false, false);
        GuardEnvironment environment = fixture.environment();
        environment.servedHosts = &served;
        GuardChain chain(environment, fixture.recorder);
        const std::vector<std::pair<QByteArray, bool>> hosts{ { "push.example", true }, { "push.example:8443", true },
            { "PUSH.Example", true }, { "a.b.example.org", true }, { "[::1]:8080", true }, { "evil.example", false },
            { "evilpush.example", false }, { "a.push.example", false }, { "push.example.", false },
            { "push.example@evil.example", false }, { "push.example:x", false }, { "", false } };
        for (const auto &[host, isServed] : hosts) {
            const GuardVerdict verdict
                = chain.judge({ IpAddress::fromIpv4(1), "https://app.example", "ann", host }, fixture.snapshot);
            const Refusal *refusal = std::get_if<Refusal>(&verdict);
            QVERIFY2((refusal == nullptr) == isServed, host.constData());
            if (refusal) {
                QCOMPARE(refusal->toProblem().status, 421);
                QCOMPARE(refusal->toProblem().code, u"wrong_host"_s);
            }
        }
    }

    void aRefusedTokenUsesNoBudgetOfUsersAndNoSlot()
    {
        Fixture fixture;
        for (int i = 0; i < 50; ++i)
            QCOMPARE(fixture.attempt("expired"), i < 10 ? u"token_expired"_s : u"too_many_reconnects"_s);
        QCOMPARE(fixture.attempt(""), u"too_many_reconnects"_s); // whatever is wrong with it
        QCOMPARE(fixture.attempt("expired", "https://app.example", 2), u"token_expired"_s);
        QCOMPARE(fixture.attempt("expired", "https://evil.example"), u"origin_not_allowed"_s);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.attempt("ann"), u"too_many_connections"_s);
        // Nor does what they use up lengthen the wait: the one who waits is let pass, to hear what is wrong.
        fixture.open.clear();
        fixture.clock.advance(std::chrono::seconds(60));
        QCOMPARE(fixture.attempt("expired"), u"token_expired"_s);
    }

    void limitsConnectionsOfAUserFromAnyAddress()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 2;
        QCOMPARE(fixture.attempt("ann", "https://app.example", 1), u"ok"_s);
        QCOMPARE(fixture.attempt("ann", "https://app.example", 2), u"ok"_s);
        QCOMPARE(fixture.attempt("ann", "https://app.example", 3), u"too_many_connections"_s);
        QCOMPARE(fixture.sink.decisions[0].reason, Reason::TooManyUserConnections);
        QCOMPARE(fixture.sink.decisions[0].user, u"ann"_s);
        QCOMPARE(fixture.attempt("ben", "https://app.example", 3), u"ok"_s);
        fixture.open.clear();
        QCOMPARE(fixture.users.openInAll(), 0);
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
    }

    void limitsConnectionsInAll()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnections].value = 2;
        QCOMPARE(fixture.attempt("a", "https://app.example", 1), u"ok"_s);
        QCOMPARE(fixture.attempt("b", "https://app.example", 2), u"ok"_s);
        QCOMPARE(fixture.attempt("c", "https://app.example", 3), u"server_full"_s);
        QVERIFY(fixture.sink.decisions[0].retryAfterSeconds.value_or(0) > 0);
    }

    void observesWithoutRefusing()
    {
        Fixture fixture;
        for (const LimitDescriptor &limit : limitDescriptors())
            fixture.snapshot.limits[limit.key] = { 1, LimitMode::Observe };
        for (int i = 0; i < 3; ++i)
            QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QVERIFY(fixture.counters.observed[size_t(Reason::TooManyConnections)].load() == 2);
        QVERIFY(fixture.counters.observed[size_t(Reason::TooManyUserConnections)].load() == 2);
        QVERIFY(fixture.counters.observed[size_t(Reason::ServerFull)].load() == 2);
        QVERIFY(fixture.counters.observed[size_t(Reason::TooManyReconnects)].load() == 2);
        QCOMPARE(fixture.refused(Reason::TooManyConnections), 0);
        for (const Decision &decision : fixture.sink.decisions)
            QVERIFY(!decision.isEnforced);
    }

    void leavesOriginAndTokenOnWithTheSwitchOff()
    {
        Fixture fixture;
        fixture.snapshot.isGuarding = false;
        for (const LimitDescriptor &limit : limitDescriptors())
            fixture.snapshot.limits[limit.key].value = 1;
        for (int i = 0; i < 5; ++i)
            QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.attempt("ann", "https://evil.example"), u"origin_not_allowed"_s);
        QCOMPARE(fixture.attempt("expired"), u"token_expired"_s);
        QVERIFY(fixture.counters.observed[size_t(Reason::TooManyConnections)].load() == 0);
    }

    void ofWhomALimitRefusesAFewTokensAreLookedAt()
    {
        Fixture fixture;
        AddressRate looks(2);
        MemoryState memory;
        GuardEnvironment environment = fixture.environment();
        environment.looks = &looks;
        environment.memory = &memory;
        GuardChain chain(environment, fixture.recorder);
        const auto refusedUser = [&](const QByteArray &token, quint32 address) {
            const GuardVerdict verdict = chain.judge(
                { IpAddress::fromIpv4(address), QByteArray("https://app.example"), token }, fixture.snapshot);
            const Refusal *refusal = std::get_if<Refusal>(&verdict);
            return refusal ? refusal->decision.user : u"let in"_s;
        };
        // Where memory is short no token is looked at: that costs, and is no user's affair.
        memory.level = MemoryLevel::RefuseNewcomers;
        const int before = fixture.verifier.calls;
        for (int i = 0; i < 5; ++i)
            QCOMPARE(refusedUser("ann", 1), QString());
        QCOMPARE(fixture.verifier.calls.load(), before);
        memory.level = MemoryLevel::Normal;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        const GuardVerdict open
            = chain.judge({ IpAddress::fromIpv4(1), QByteArray("https://app.example"), "ann" }, fixture.snapshot);
        QVERIFY(std::holds_alternative<Admission>(open));
        QCOMPARE(refusedUser("ben", 1), u"ben"_s);
        QCOMPARE(refusedUser("expired", 1), QString());
        QCOMPARE(refusedUser("ben", 1), QString()); // that was the second look
        // One that has been judged already is not looked at again.
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 100;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        QCOMPARE(refusedUser("expired", 2), QString());
        const int judged = fixture.verifier.calls;
        QCOMPARE(refusedUser("expired", 2), QString());
        QCOMPARE(fixture.verifier.calls.load(), judged + 1);
    }

    void tokensOfWhoeverShowedManyBadOnesAreVerifiedElsewhere()
    {
        Fixture fixture;
        AddressRate badTokens(3);
        SideVerifier sideVerifier(fixture.verifier, fixture.clock);
        GuardEnvironment environment = fixture.environment();
        environment.badTokens = &badTokens;
        environment.sideVerifier = &sideVerifier;
        GuardChain chain(environment, fixture.recorder);
        const auto judge = [&](const QByteArray &token, quint32 address = 1) {
            return chain.judge(
                { IpAddress::fromIpv4(address), QByteArray("https://app.example"), token }, fixture.snapshot);
        };
        const auto codeOf = [](const GuardVerdict &verdict) {
            const Refusal *refusal = std::get_if<Refusal>(&verdict);
            return refusal                                     ? refusal->toProblem().code
                : std::holds_alternative<HeldAttempt>(verdict) ? u"held"_s
                                                               : u"ok"_s;
        };
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1'000;
        for (int i = 0; i < 10; ++i)
            QCOMPARE(codeOf(judge("")), u"token_missing"_s); // guesses nothing
        for (int i = 0; i < 3; ++i)
            QCOMPARE(codeOf(judge("expired")), u"token_expired"_s);
        GuardVerdict good = judge("ann");
        GuardVerdict bad = judge("expired");
        QCOMPARE(std::get<HeldAttempt>(good).lacks, HeldAttempt::Lacks::Token);
        QCOMPARE(codeOf(bad), u"held"_s);
        QCOMPARE(fixture.addresses.openOf(IpAddress::fromIpv4(1)), 0);
        QCOMPARE(codeOf(judge("ann", 2)), u"ok"_s); // another address
        QCOMPARE(codeOf(judge("")), u"token_missing"_s);
        // It goes on with the verdict, whatever that is, and every guard behind it judges.
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 1;
        GuardVerdict ended = chain.resume(
            std::get<HeldAttempt>(std::move(good)), TokenVerdict(Identity{ u"ann"_s }), fixture.snapshot);
        QCOMPARE(std::get<Admission>(ended).identity.user, u"ann"_s);
        QCOMPARE(codeOf(chain.resume(std::get<HeldAttempt>(std::move(bad)),
                     TokenVerdict(TokenRefusal{ Reason::TokenExpired, u"expired"_s }), fixture.snapshot)),
            u"token_expired"_s);
        GuardVerdict second = judge("ann");
        QCOMPARE(codeOf(chain.resume(
                     std::get<HeldAttempt>(std::move(second)), TokenVerdict(Identity{ u"ann"_s }), fixture.snapshot)),
            u"too_many_connections"_s);
        // What has changed meanwhile counts.
        GuardVerdict late = judge("ann");
        GuardVerdict banned = judge("ann");
        GuardVerdict last = judge("ann");
        const auto verified = [&](GuardVerdict &held) {
            return codeOf(chain.resume(
                std::get<HeldAttempt>(std::move(held)), TokenVerdict(Identity{ u"dan"_s }), fixture.snapshot));
        };
        fixture.isDraining = true;
        QCOMPARE(verified(late), u"draining"_s);
        fixture.isDraining = false;
        AccessRule ban;
        ban.kind = AccessKind::Address;
        ban.value = u"0.0.0.1"_s;
        chain.setAccess(std::make_shared<const AccessRules>(std::vector{ ban }, std::vector<AccessRule>{}));
        QCOMPARE(verified(banned), u"banned"_s);
        chain.setAccess(std::make_shared<const AccessRules>());
        const GuardVerdict refused = chain.refuseUnverified(std::get<HeldAttempt>(std::move(last)), fixture.snapshot);
        QCOMPARE(std::get<Refusal>(refused).toProblem().status, 503);
        QVERIFY(std::get<Refusal>(refused).detail.contains(u"wait to be verified"));
        fixture.clock.advance(std::chrono::minutes(1));
        QCOMPARE(codeOf(judge("ben")), u"ok"_s);
    }

    void previewSaysWhatJudgeWouldAndTouchesNothing()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 3;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 2;
        const auto look
            = [&fixture](const QByteArray &token, quint32 address, const QByteArray &origin = "https://app.example") {
                  return GuardPreviewer(fixture.chain.guards())
                      .preview({ IpAddress::fromIpv4(address), origin, token }, fixture.snapshot);
              };
        const auto codeOf = [](const GuardPreview &preview) {
            const GuardCheck *refusing = preview.refusing();
            return refusing ? QString(reasonDescriptor(*refusing->reason).code) : u"ok"_s;
        };
        for (int i = 0; i < 20; ++i)
            QCOMPARE(codeOf(look("ann", 1)), u"ok"_s);
        QCOMPARE(fixture.addresses.size(), 0);
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        // Each attempt that follows is foretold, whatever is wrong with it.
        struct Case
        {
            const char *token;
            const char *origin;
            quint32 address;
        };
        const Case cases[] = { { "ann", "https://app.example", 1 }, { "ann", "https://evil.example", 1 },
            { "", "https://app.example", 2 }, { "expired", "https://app.example", 2 },
            { "ann", "https://app.example", 2 }, { "ann", "https://app.example", 3 },
            { "ben", "https://app.example", 3 } };
        for (bool isDraining : { false, true }) {
            fixture.isDraining = isDraining;
            for (const Case &one : cases) {
                const qint64 known = fixture.addresses.size();
                const size_t recorded = fixture.sink.decisions.size();
                const GuardPreview preview = look(one.token, one.address, one.origin);
                QCOMPARE(fixture.addresses.size(), known);
                QCOMPARE(fixture.sink.decisions.size(), recorded);
                const QString code = fixture.attempt(one.token, one.origin, one.address);
                QCOMPARE(codeOf(preview), code);
                if (code == u"ok"_s)
                    continue;
                const Decision &decision = fixture.sink.decisions.back();
                QCOMPARE(preview.refusing()->limit, decision.limit);
                QCOMPARE(preview.refusing()->observed, decision.observed);
                QCOMPARE(preview.refusing()->retryAfterSeconds, decision.retryAfterSeconds);
                QCOMPARE(preview.refusing()->detail, std::get<Refusal>(fixture.open.back()).detail);
            }
        }
    }

    void previewKnowsOfGrantsAndTakesNone()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 100;
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        const auto wouldPass = [&fixture] {
            return !GuardPreviewer(fixture.chain.guards())
                        .preview({ IpAddress::fromIpv4(1), QByteArray("https://app.example"), "ann" }, fixture.snapshot)
                        .refusing();
        };
        QVERIFY(!wouldPass());
        fixture.grants.give({ { clientOf("ann"), 1 } }, fixture.clock.monotonic());
        QVERIFY(wouldPass());
        QVERIFY(wouldPass());
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QVERIFY(!wouldPass());
        QCOMPARE(fixture.attempt("ann"), u"too_many_reconnects"_s);
    }

    void previewGoesOnBehindARefusal()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts] = { 1, LimitMode::Observe };
        fixture.snapshot.limits[LimitKey::MaxConnections] = { 1, LimitMode::Off };
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.attempt("expired", "https://app.example", 1), u"too_many_connections"_s);
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 2;
        QCOMPARE(fixture.attempt("expired"), u"token_expired"_s);
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 1;
        const GuardPreview preview
            = GuardPreviewer(fixture.chain.guards())
                  .preview({ IpAddress::fromIpv4(1), QByteArray("https://evil.example"), "expired" }, fixture.snapshot);
        QStringList said;
        for (const GuardCheck &check : preview.checks)
            said += check.guard + (!check.passes ? u"?"_s : *check.passes ? u"+"_s : u"-"_s);
        QCOMPARE(
            said.join(u' '), u"server+ ban+ host+ origin- address- reconnect+ token- revocation? capacity? user?"_s);
        QCOMPARE(preview.refusing()->guard, "origin"_L1);
        QVERIFY(preview.hasBadToken());
        const GuardCheck &observed = preview.checks[5]; // passes, and says what it would have refused
        QCOMPARE(observed.reason, std::optional(Reason::TooManyReconnects));
        QCOMPARE(observed.retryAfterSeconds, std::optional<qint64>(60));
        const GuardPreview good
            = GuardPreviewer(fixture.chain.guards())
                  .preview({ IpAddress::fromIpv4(2), QByteArray("https://app.example"), "ann" }, fixture.snapshot);
        QVERIFY(!good.refusing() && !good.hasBadToken());
        QCOMPARE(good.checks[8].guard, "capacity"_L1);
        QVERIFY(!good.checks[8].limit);                              // is off
        QCOMPARE(good.checks[9].observed, std::optional<qint64>(2)); // with this attempt
        AccessRule exemption;
        exemption.value = u"0.0.0.1"_s;
        fixture.chain.setAccess(
            std::make_shared<const AccessRules>(std::vector<AccessRule>{}, std::vector{ exemption }));
        const GuardPreview exempt
            = GuardPreviewer(fixture.chain.guards())
                  .preview({ IpAddress::fromIpv4(1), QByteArray("https://app.example"), "ann" }, fixture.snapshot);
        QVERIFY(!exempt.refusing());
    }

    void describesTheDecision()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        QCOMPARE(fixture.attempt("secret-token"), u"ok"_s);
        QCOMPARE(fixture.attempt("secret-token"), u"too_many_reconnects"_s);
        const Decision &decision = fixture.sink.decisions.at(0);
        QVERIFY(isUlid(decision.id));
        QCOMPARE(decision.at, fixture.clock.utc());
        QCOMPARE(decision.address, u"0.0.0.1"_s);
        QCOMPARE(decision.origin, u"https://app.example"_s);
        QCOMPARE(decision.limit, std::optional<qint64>(1));
        QCOMPARE(decision.observed, std::optional<qint64>(2));
        QCOMPARE(decision.retryAfterSeconds, std::optional<qint64>(60));
        QVERIFY(!decision.tokenFingerprint.isEmpty());
        QVERIFY(!decision.tokenFingerprint.contains(u"secret"_s));
        const Problem problem = std::get<Refusal>(fixture.open.back()).toProblem();
        QCOMPARE(problem.status, 429);
        QCOMPARE(problem.instance, decision.id);
        QCOMPARE(problem.guard, u"reconnect"_s);
    }

    void aGrantIsUsedInPlaceOfBudget()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        fixture.grants.give({ { clientOf("ann"), 2 }, { clientOf("bob"), 1 } }, fixture.clock.monotonic());
        // Refused: no token, a later guard, and the limit of connections. None of them uses a grant.
        QCOMPARE(fixture.attempt(""), u"token_missing"_s);
        QCOMPARE(fixture.attempt("expired"), u"too_many_reconnects"_s); // of strangers, of which there are no grants
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 0;
        QCOMPARE(fixture.attempt("ann"), u"too_many_connections"_s);
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 10;
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.grants.size(), 1U);       // bob's, which are not ann's
        QCOMPARE(fixture.attempt("ann"), u"ok"_s); // the budget is untouched
        QCOMPARE(fixture.attempt("ann"), u"too_many_reconnects"_s);
        QCOMPARE(fixture.attempt("bob"), u"ok"_s);
        QCOMPARE(fixture.grants.size(), 0U);
        QCOMPARE(fixture.attempt("eve", "https://app.example", 2), u"ok"_s);
        QCOMPARE(fixture.attempt("eve", "https://app.example", 2), u"too_many_reconnects"_s);
    }

    void aHandshakeWhileDrainingUsesNothing()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        fixture.grants.give({ { clientOf("ann"), 1 } }, fixture.clock.monotonic());
        fixture.isDraining = true;
        for (int i = 0; i < 3; ++i)
            QCOMPARE(fixture.attempt("ann"), u"draining"_s);
        QCOMPARE(fixture.addresses.size(), 0);
        fixture.isDraining = false;
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.attempt("ann"), u"ok"_s);
        QCOMPARE(fixture.attempt("ann"), u"too_many_reconnects"_s);
    }

    void cutsALongOrigin()
    {
        Fixture fixture;
        QCOMPARE(fixture.attempt("ann", QByteArray("https://") + QByteArray(5000, 'a')), u"origin_not_allowed"_s);
        QVERIFY(fixture.sink.decisions[0].origin.size() <= 200);
    }
};

QTEST_APPLESS_MAIN(TestGuardChain)
#include "tst_guardchain.moc"
