// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/guardchain.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakepeeradmission.h"
#include "tests/support/guardground.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Verifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        if (token.isEmpty())
            return TokenRefusal{ Reason::TokenMissing, u"no token"_s };
        return Identity{ QString::fromUtf8(token) };
    }
};

class Sink final : public DecisionSink
{
public:
    void record(Decision decision) override { decisions.push_back(std::move(decision)); }
    void count(const Decision &, qint64) override { }
    std::vector<Decision> decisions;
};

class Tickets final : public PeerTickets
{
public:
    void put(const QByteArray &, const Identity &, std::function<void(GoodAt)> done) override
    {
        done(GoodAt::AllNodes);
    }
    void take(const QByteArray &, std::function<void(const Answer &)> done) override { done({}); }
    void giveBack(const QByteArray &, const Identity &identity, std::chrono::milliseconds left) override
    {
        givenBack.append(identity.user + u' ' + QString::number(left.count()));
    }
    QStringList givenBack; ///< "<user> <milliseconds>"
};

struct Others
{
    FakePeerAdmission peers;
    Tickets peerTickets;
};

struct Fixture : Others, GuardGround
{
    Fixture()
        : GuardGround(&peers, &peerTickets)
    {
    }

    FakeClock clock;
    OriginPolicy origins{ { u"app.example"_s }, false, false };
    Verifier verifier;
    ReconnectGrants grants;
    TicketBook tickets{ clock };
    Sink sink;
    WorkerCounters counters;
    RefusalRecorder recorder{ clock, counters, sink };
    GuardChain chain{ environment(), recorder };
    LimitSnapshot snapshot;

    [[nodiscard]] GuardEnvironment environment()
    {
        GuardEnvironment made = environmentOf(clock, origins, verifier);
        made.grants = &grants;
        made.tickets = &tickets;
        return made;
    }
    [[nodiscard]] GuardVerdict judge(const QByteArray &token, quint32 address = 1)
    {
        return chain.judge({ IpAddress::fromIpv4(address), "https://app.example", token }, snapshot);
    }
    [[nodiscard]] LimitSnapshotPtr current() const { return std::make_shared<const LimitSnapshot>(snapshot); }
    [[nodiscard]] GuardVerdict conclude(GuardVerdict held, const PeerVerdict &verdict)
    {
        HeldAttempt attempt = std::get<HeldAttempt>(std::move(held));
        const PeerAttempt asked = PeerJudgement::question(attempt, current());
        return chain.conclude(std::move(attempt), asked, verdict, snapshot);
    }
    [[nodiscard]] qint64 open(quint32 address = 1) const { return addresses.openOf(IpAddress::fromIpv4(address)); }
    [[nodiscard]] qint64 attempts(quint32 address = 1) const
    {
        return clients
            .peek(
                ClientKey::of(AddressKey::of(IpAddress::fromIpv4(address)), u"42"_s), snapshot, 100, clock.monotonic())
            .attempts;
    }
};

QString codeOf(const GuardVerdict &verdict)
{
    if (std::holds_alternative<HeldAttempt>(verdict))
        return u"held"_s;
    const Refusal *refusal = std::get_if<Refusal>(&verdict);
    return refusal ? refusal->toProblem().code : u"ok"_s;
}

const PeerVerdict kAdmitted{ PeerVerdict::Kind::Admitted, 1, {}, false, 77 };
const PeerVerdict kNoAnswer{ PeerVerdict::Kind::NoAnswer, 9 };

} // namespace

class TestPeerJudgement : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theClusterHasTheLastWordAndIsToldTheEnd()
    {
        Fixture fixture;
        QCOMPARE(codeOf(fixture.judge("")), u"token_missing"_s); // nobody is asked about that
        {
            GuardVerdict held = fixture.judge("42");
            QCOMPARE(codeOf(held), u"held"_s);
            QCOMPARE(fixture.open(), 1); // occupies its places while it waits
            GuardVerdict verdict = fixture.conclude(std::move(held), kAdmitted);
            QCOMPARE(codeOf(verdict), u"ok"_s);
            QVERIFY(fixture.peers.told().isEmpty());
        }
        QCOMPARE(fixture.peers.told(), QStringList({ u"leave 42"_s, u"leave 0.0.0.1"_s }));
        QCOMPARE(fixture.open(), 0);
        QCOMPARE(fixture.users.openInAll(), 0);
    }

    void aRefusalOfTheClusterSaysWhatAllNodesSee()
    {
        Fixture fixture;
        PeerVerdict verdict{ PeerVerdict::Kind::Refused, 1 };
        verdict.findings = { { Reason::TooManyUserConnections, {}, 20, 31, {}, false },
            { Reason::TooManyReconnects, {}, 10, 11, 1500ms } };
        const GuardVerdict ended = fixture.conclude(fixture.judge("42"), verdict);
        const Problem problem = std::get<Refusal>(ended).toProblem();
        QCOMPARE(problem.code, u"too_many_reconnects"_s);
        QCOMPARE(problem.observed, std::optional<qint64>(11));
        QCOMPARE(problem.retryAfterSeconds, std::optional<qint64>(2));
        QCOMPARE(fixture.sink.decisions.size(), 2U);
        QVERIFY(!fixture.sink.decisions[0].isEnforced);
        QCOMPARE(fixture.open(), 0);
        QCOMPARE(fixture.attempts(), 0); // it used no budget
        QVERIFY(fixture.peers.told().isEmpty());
    }

    void whoGoesAwayMeanwhileGivesEverythingBack()
    {
        Fixture fixture;
        PeerAttempt asked;
        {
            const GuardVerdict held = fixture.judge("42");
            asked = PeerJudgement::question(std::get<HeldAttempt>(held), fixture.current());
        }
        QCOMPARE(fixture.open(), 0);
        QVERIFY(fixture.peers.told().isEmpty());
        fixture.chain.peers().abandon(asked, kAdmitted);
        QCOMPARE(fixture.peers.told(), QStringList({ u"leave 0.0.0.1"_s, u"leave 42"_s }));
        fixture.chain.peers().abandon(asked, kNoAnswer);
        QCOMPARE(fixture.peers.told(), QStringList({ u"settle 9 refused"_s }));
        fixture.chain.peers().abandon(asked, { PeerVerdict::Kind::Refused, 1 });
        QVERIFY(fixture.peers.told().isEmpty());
    }

    void whatChangesMeanwhileIsHeeded()
    {
        Fixture fixture;
        GuardVerdict first = fixture.judge("42");
        GuardVerdict second = fixture.judge("43", 2);
        GuardVerdict third = fixture.judge("44", 3);
        AccessRule user;
        user.kind = AccessKind::User;
        user.value = u"42"_s;
        AccessRule address;
        address.kind = AccessKind::Address;
        address.value = u"0.0.0.2"_s;
        fixture.chain.setAccess(
            std::make_shared<const AccessRules>(std::vector{ user, address }, std::vector<AccessRule>{}));
        const GuardVerdict bannedUser = fixture.conclude(std::move(first), kAdmitted);
        QCOMPARE(std::get<Refusal>(bannedUser).decision.reason, Reason::UserBanned);
        QCOMPARE(fixture.peers.told(), QStringList({ u"take back 42 77"_s }));
        QCOMPARE(codeOf(fixture.conclude(std::move(second), kNoAnswer)), u"banned"_s);
        QCOMPARE(fixture.peers.told(), QStringList({ u"settle 9 refused"_s }));
        fixture.isDraining = true;
        QCOMPARE(codeOf(fixture.conclude(std::move(third), kAdmitted)), u"draining"_s);
        QCOMPARE(fixture.peers.told(), QStringList({ u"take back 44 77"_s }));
        QCOMPARE(fixture.open() + fixture.open(2) + fixture.open(3), 0);
        QCOMPARE(fixture.attempts(), 0);
    }

    void aloneTheLimitsAreDivided()
    {
        Fixture fixture;
        fixture.peers.isThere = false;
        fixture.peers.shareCount = 2;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 5;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1000;
        std::vector<GuardVerdict> open;
        open.push_back(fixture.judge("42"));
        open.push_back(fixture.judge("42"));
        QCOMPARE(codeOf(open[0]), u"ok"_s);
        QCOMPARE(codeOf(open[1]), u"ok"_s);
        QCOMPARE(fixture.peers.told(), QStringList({ u"enter 0.0.0.1 42"_s, u"enter 0.0.0.1 42"_s }));
        const GuardVerdict refused = fixture.judge("42");
        QCOMPARE(codeOf(refused), u"too_many_connections"_s);
        QCOMPARE(std::get<Refusal>(refused).decision.limit, std::optional<qint64>(2));
        QCOMPARE(std::get<Refusal>(refused).decision.observed, std::optional<qint64>(3));
        fixture.peers.shareCount = 9; // never less than one
        QCOMPARE(codeOf(fixture.judge("43", 2)), u"ok"_s);
        QCOMPARE(codeOf(fixture.judge("43", 2)), u"ok"_s); // the first is closed already
        QCOMPARE(fixture.open(), 2);
        open.clear();
        QCOMPARE(fixture.peers.told().filter(u"leave"_s).size(), 8);
        fixture.peers.shareCount = 1; // then the guards of this node have said everything
        for (int i = 0; i < 5; ++i)
            open.push_back(fixture.judge("44"));
        QCOMPARE(codeOf(open.back()), u"ok"_s);
    }

    void aloneTheBudgetIsDividedAndTheWaitIsExact()
    {
        Fixture fixture;
        fixture.peers.isThere = false;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 4;
        fixture.snapshot.limits[LimitKey::ReconnectWindow].value = 600;
        QCOMPARE(codeOf(fixture.judge("42")), u"ok"_s);
        fixture.clock.advance(60s);
        QCOMPARE(codeOf(fixture.judge("42")), u"ok"_s);
        const GuardVerdict refused = fixture.judge("42");
        QCOMPARE(codeOf(refused), u"too_many_reconnects"_s);
        QCOMPARE(std::get<Refusal>(refused).toProblem().retryAfterSeconds, std::optional<qint64>(540));
        QCOMPARE(fixture.attempts(), 2);
        QCOMPARE(codeOf(fixture.judge("43")), u"ok"_s); // a colleague at the same address
        fixture.clock.advance(540s);
        QCOMPARE(codeOf(fixture.judge("42")), u"ok"_s);
    }

    void aMissedAnswerIsJudgedAloneOneAfterTheOther()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 4;
        std::vector<GuardVerdict> held;
        for (int i = 0; i < 3; ++i)
            held.push_back(fixture.judge("42"));
        std::vector<GuardVerdict> ended;
        for (GuardVerdict &verdict : held)
            ended.push_back(fixture.conclude(std::move(verdict), kNoAnswer));
        // Three are too many for a share of two, but the refused one makes room for the others.
        QCOMPARE(codeOf(ended[0]), u"too_many_connections"_s);
        QCOMPARE(codeOf(ended[1]), u"ok"_s);
        QCOMPARE(codeOf(ended[2]), u"ok"_s);
        QCOMPARE(fixture.peers.told(), QStringList({ u"settle 9 refused"_s, u"settle 9 open"_s, u"settle 9 open"_s }));
    }

    void aloneInFullTheOwnGuardsHaveTheWord()
    {
        Fixture fixture;
        fixture.peers.shareCount = 1;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerIp].value = 3;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 4;
        std::vector<GuardVerdict> ended;
        for (int i = 0; i < 3; ++i)
            ended.push_back(fixture.conclude(fixture.judge("42"), kNoAnswer));
        QCOMPARE(codeOf(ended.back()), u"ok"_s);
        QCOMPARE(codeOf(fixture.judge("42")), u"too_many_connections"_s); // nobody is asked about that
        ended.clear();
        // Budget that was left to those who know the grants, who then said nothing.
        fixture.peers.grants = true;
        QCOMPARE(codeOf(fixture.conclude(fixture.judge("42"), kNoAnswer)), u"ok"_s);
        const GuardVerdict refused = fixture.conclude(fixture.judge("42"), kNoAnswer);
        QCOMPARE(codeOf(refused), u"too_many_reconnects"_s);
        QCOMPARE(std::get<Refusal>(refused).decision.limit, std::optional<qint64>(4));
        QCOMPARE(fixture.attempts(), 4);
    }

    void grantsOfAllNodesUseNoBudgetHere()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        QCOMPARE(codeOf(fixture.conclude(fixture.judge("42"), kAdmitted)), u"ok"_s);
        QCOMPARE(codeOf(fixture.judge("42")), u"too_many_reconnects"_s);
        fixture.peers.grants = true; // then only the cluster can say
        PeerVerdict spared = kAdmitted;
        spared.sparedBudget = true;
        QCOMPARE(codeOf(fixture.conclude(fixture.judge("42"), spared)), u"ok"_s);
        QCOMPARE(fixture.attempts(), 1);
        PeerVerdict refused{ PeerVerdict::Kind::Refused, 3 };
        refused.findings = { { Reason::TooManyReconnects, {}, 1, 2, 3s } };
        QCOMPARE(codeOf(fixture.conclude(fixture.judge("42"), refused)), u"too_many_reconnects"_s);
        QCOMPARE(fixture.attempts(), 1);
    }

    void aTicketIsTakenFromAllNodes()
    {
        Fixture fixture;
        UpgradeAttempt attempt{ IpAddress::fromIpv4(1), "https://app.example", {}, {}, QByteArray(32, 'a') };
        const auto resume = [&](PeerTickets::Answer answer) {
            GuardVerdict verdict = fixture.chain.judge(attempt, fixture.snapshot);
            if (std::get<HeldAttempt>(verdict).lacks != HeldAttempt::Lacks::Ticket)
                qFatal("does not ask for the ticket");
            return fixture.chain.resume(std::get<HeldAttempt>(std::move(verdict)), std::move(answer), fixture.snapshot);
        };
        QCOMPARE(codeOf(resume({ true, std::nullopt })), u"token_invalid"_s);
        QCOMPARE(codeOf(resume({})), u"token_invalid"_s); // nobody to ask, and not given here

        const GuardVerdict verdict = resume({ true, Identity{ u"42"_s } });
        const HeldAttempt &held = std::get<HeldAttempt>(verdict);
        QCOMPARE(held.lacks, HeldAttempt::Lacks::Verdict);
        QCOMPARE(PeerJudgement::question(held, fixture.current()).user, u"42"_s);

        Identity old{ u"42"_s };
        old.expiresAt = fixture.clock.utc();
        QCOMPARE(codeOf(resume({ true, old })), u"token_expired"_s);

        // Where nobody can be asked it is good where it was given, once.
        const auto giveTicket = [&] { attempt.ticket = std::get<QByteArray>(fixture.tickets.issue({ u"43"_s })); };
        giveTicket();
        QCOMPARE(codeOf(resume({})), u"held"_s);
        QCOMPARE(codeOf(resume({})), u"token_invalid"_s);

        // Used, here or elsewhere, is used, also where it was given, and also if nobody can be asked afterwards.
        for (const std::optional<Identity> &answer :
            { std::optional<Identity>(), std::optional(Identity{ u"43"_s }) }) {
            giveTicket();
            QCOMPARE(codeOf(resume({ true, answer })), answer ? u"held"_s : u"token_invalid"_s);
            QCOMPARE(codeOf(resume({})), u"token_invalid"_s);
            QCOMPARE(fixture.tickets.outstanding(), 0);
        }

        attempt.ticket.chop(1); // what cannot be one is asked nobody about
        QCOMPARE(codeOf(fixture.chain.judge(attempt, fixture.snapshot)), u"token_invalid"_s);
    }

    void whatChangesWhileATicketIsAskedForCounts()
    {
        Fixture fixture;
        UpgradeAttempt attempt{ IpAddress::fromIpv4(1), "https://app.example", {}, {}, QByteArray(32, 'a') };
        const auto resumeAfter = [&](const std::function<void()> &change) {
            GuardVerdict verdict = fixture.chain.judge(attempt, fixture.snapshot);
            change();
            return codeOf(fixture.chain.resume(
                std::get<HeldAttempt>(std::move(verdict)), { true, Identity{ u"42"_s }, 9s }, fixture.snapshot));
        };
        QCOMPARE(resumeAfter([&] { fixture.isDraining = true; }), u"draining"_s);
        fixture.isDraining = false;
        AccessRule ban;
        ban.kind = AccessKind::Address;
        ban.value = u"0.0.0.1"_s;
        const auto addBan = [&] {
            fixture.chain.setAccess(std::make_shared<const AccessRules>(std::vector{ ban }, std::vector<AccessRule>{}));
        };
        QCOMPARE(resumeAfter(addBan), u"banned"_s);
        // The page can use it once it may come in.
        QCOMPARE(fixture.peerTickets.givenBack, QStringList({ u"42 9000"_s, u"42 9000"_s }));
    }

    void aRefusedAttemptGivesItsTicketBack()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 1;
        const GuardVerdict first = fixture.conclude(fixture.judge("43"), kAdmitted);
        UpgradeAttempt attempt{ IpAddress::fromIpv4(1), "https://app.example", {}, {} };
        attempt.ticket = std::get<QByteArray>(fixture.tickets.issue({ u"43"_s }));
        const auto resume = [&](PeerTickets::Answer answer) {
            GuardVerdict verdict = fixture.chain.judge(attempt, fixture.snapshot);
            return fixture.chain.resume(std::get<HeldAttempt>(std::move(verdict)), std::move(answer), fixture.snapshot);
        };
        for (int i = 0; i < 3; ++i)
            QCOMPARE(codeOf(resume({})), u"too_many_connections"_s); // is good here alone, and stays so
        QVERIFY(fixture.peerTickets.givenBack.isEmpty());

        fixture.tickets.leaveToPeers(TicketBook::digestOf(attempt.ticket));
        QCOMPARE(codeOf(resume({ true, Identity{ u"43"_s }, 9s })), u"too_many_connections"_s);
        QCOMPARE(fixture.peerTickets.givenBack, QStringList{ u"43 9000"_s });
        QCOMPARE(fixture.tickets.outstanding(), 1);

        // Also where the other nodes refuse, after a wait.
        fixture.snapshot.limits[LimitKey::MaxConnectionsPerUser].value = 5;
        GuardVerdict held = resume({ true, Identity{ u"43"_s }, 9s });
        fixture.clock.advance(2s);
        PeerVerdict refused{ PeerVerdict::Kind::Refused, 3 };
        refused.findings = { { Reason::TooManyUserConnections, {}, 5, 6 } };
        QCOMPARE(codeOf(fixture.conclude(std::move(held), refused)), u"too_many_connections"_s);
        QCOMPARE(fixture.peerTickets.givenBack.last(), u"43 7000"_s);

        QCOMPARE(codeOf(fixture.conclude(resume({ true, Identity{ u"43"_s }, 9s }), kAdmitted)), u"ok"_s);
        QCOMPARE(fixture.peerTickets.givenBack.size(), 2);
        QCOMPARE(fixture.tickets.outstanding(), 0);
    }

    void whatAllNodesKnewIsNotGoodHereAlone()
    {
        Fixture fixture;
        UpgradeAttempt attempt{ IpAddress::fromIpv4(1), "https://app.example", {}, {} };
        attempt.ticket = std::get<QByteArray>(fixture.tickets.issue({ u"43"_s }));
        fixture.tickets.leaveToPeers(TicketBook::digestOf(attempt.ticket));
        GuardVerdict verdict = fixture.chain.judge(attempt, fixture.snapshot);
        verdict
            = fixture.chain.resume(std::get<HeldAttempt>(std::move(verdict)), PeerTickets::Answer(), fixture.snapshot);
        QCOMPARE(codeOf(verdict), u"token_invalid"_s); // somebody may have used it at another node
    }

    void anExemptAddressIsNotCounted()
    {
        Fixture fixture;
        AccessRule rule;
        rule.kind = AccessKind::Address;
        rule.value = u"0.0.0.1"_s;
        fixture.chain.setAccess(std::make_shared<const AccessRules>(std::vector<AccessRule>{}, std::vector{ rule }));
        GuardVerdict held = fixture.judge("42");
        QVERIFY(!PeerJudgement::question(std::get<HeldAttempt>(held), fixture.current()).bucket);
        {
            const GuardVerdict open = fixture.conclude(std::move(held), kAdmitted);
        }
        QCOMPARE(fixture.peers.told(), QStringList({ u"leave 42"_s }));
        fixture.peers.isThere = false;
        QCOMPARE(codeOf(fixture.judge("42")), u"ok"_s);
        QCOMPARE(fixture.peers.told(), QStringList({ u"enter - 42"_s, u"leave 42"_s }));
    }
};

QTEST_GUILESS_MAIN(TestPeerJudgement)
#include "tst_peerjudgement.moc"
