// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guardchain.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

// Suggestions where no exact wait is known: somebody else's connection has to end first.
constexpr qint64 kRetryWhenCrowded = 30;
constexpr qint64 kRetryWhenFull = 10;

constexpr qsizetype kMaxRecordedOrigin = 200;

} // namespace

Problem Refusal::toProblem() const
{
    const ReasonDescriptor &reason = reasonDescriptor(decision.reason);
    Problem problem{ reason.httpStatus, reason.code, reason.title, detail };
    problem.instance = decision.id;
    problem.guard = reason.guard;
    problem.limit = decision.limit;
    problem.observed = decision.observed;
    problem.retryAfterSeconds = decision.retryAfterSeconds;
    return problem;
}

GuardChain::GuardChain(const GuardEnvironment &environment, RefusalRecorder &recorder)
    : m_environment(environment)
    , m_recorder(recorder)
{
}

GuardVerdict GuardChain::judge(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot)
{
    Trial trial{ attempt, snapshot, {} };
    trial.admission.bucket = attempt.client.bucket();
    return run(trial);
}

GuardVerdict GuardChain::run(Trial &trial)
{
    // The order of the guard stack, outermost first. The other nodes are asked last, about what nothing here speaks
    // against.
    static constexpr std::array<MaybeRefusal (GuardChain::*)(Trial &), 9> kGuards{
        &GuardChain::checkServer,
        &GuardChain::checkBan,
        &GuardChain::checkHost,
        &GuardChain::checkOrigin,
        &GuardChain::checkAddress,
        &GuardChain::checkToken,
        &GuardChain::checkRevocation,
        &GuardChain::checkUser,
        &GuardChain::checkCluster,
    };
    for (; trial.nextGuard < kGuards.size(); ++trial.nextGuard) {
        if (MaybeRefusal refusal = (this->*kGuards[trial.nextGuard])(trial)) {
            giveBack(trial);
            return *std::move(refusal);
        }
        if (trial.lacks != HeldAttempt::Lacks::Nothing)
            return HeldAttempt{ trial.lacks, trial.attempt, std::move(trial.admission), trial.hasGrant,
                trial.nextGuard };
    }
    return std::move(trial.admission);
}

void GuardChain::giveBack(Trial &trial)
{
    // A refused attempt uses up neither budget nor a grant.
    trial.admission.addressSlot.refund();
    if (trial.hasGrant)
        m_environment.grants->giveBack(AddressKey::of(trial.admission.bucket));
}

GuardChain::MaybeRefusal GuardChain::checkServer(Trial &trial)
{
    return refuse(trial, serverFault());
}

GuardChain::MaybeRefusal GuardChain::checkBan(Trial &trial)
{
    return refuse(trial, banFault(AddressKey::of(trial.admission.bucket)));
}

GuardChain::MaybeRefusal GuardChain::checkHost(Trial &trial)
{
    return refuse(trial, hostFault(trial.attempt));
}

GuardChain::MaybeRefusal GuardChain::checkOrigin(Trial &trial)
{
    return refuse(trial, originFault(trial.attempt));
}

GuardChain::MaybeRefusal GuardChain::checkAddress(Trial &trial)
{
    const AddressKey bucket = AddressKey::of(trial.admission.bucket);
    if (m_access->isExempt(bucket)) {
        trial.admission.addressSlot = AddressSlot::uncounted(bucket);
        return std::nullopt;
    }
    const MonoTime now = m_environment.clock->monotonic();
    trial.hasGrant = m_environment.grants && m_environment.grants->take(bucket, now);
    AddressTable::Admission admission
        = m_environment.addresses->admit(trial.admission.bucket, trial.snapshot, now, budgetOf(trial));
    MaybeRefusal refusal;
    for (const LimitExceeded &exceeded : admission.exceeded) {
        if (!exceeded.isEnforced && leavesObservingToCluster())
            continue;
        Refusal recorded = refuse(trial, exceeded);
        if (exceeded.isEnforced)
            refusal = std::move(recorded);
    }
    trial.admission.addressSlot = std::move(admission.slot);
    return refusal;
}

AddressTable::Budget GuardChain::budgetOf(const Trial &trial) const
{
    if (trial.hasGrant)
        return AddressTable::Budget::Spared;
    // Who may have a grant of all nodes is judged by those who know.
    const PeerAdmission *peers = m_environment.peers;
    return peers && peers->isReachable() && peers->hasGrants() ? AddressTable::Budget::Counted
                                                               : AddressTable::Budget::Used;
}

bool GuardChain::leavesObservingToCluster() const
{
    // Its verdict covers what this node sees: one decision, not two.
    return m_environment.peers && m_environment.peers->isReachable();
}

bool GuardChain::lacksTicket(const Trial &trial) const
{
    return m_environment.peerTickets && !trial.ticket && trial.attempt.ticket.size() == TicketBook::kTicketChars;
}

GuardChain::MaybeRefusal GuardChain::checkToken(Trial &trial)
{
    if (lacksTicket(trial)) {
        trial.lacks = HeldAttempt::Lacks::Ticket;
        return std::nullopt;
    }
    // Where nobody could be asked, the ticket is good at the node that gave it. Where somebody was, it is used up there
    // too, lest it be good once more when nobody can be.
    TokenVerdict verdict = verify(trial.attempt, TicketUse::Take);
    if (trial.ticket && trial.ticket->isKnown)
        verdict = verdictOf(std::move(trial.ticket->identity));
    if (const TokenRefusal *bad = std::get_if<TokenRefusal>(&verdict))
        return refuse(describe(trial, bad->reason), bad->detail);
    trial.admission.identity = std::get<Identity>(std::move(verdict));
    return std::nullopt;
}

GuardChain::MaybeRefusal GuardChain::checkRevocation(Trial &trial)
{
    return refuse(trial, revocationFault(trial.admission.identity));
}

GuardChain::MaybeRefusal GuardChain::checkUser(Trial &trial)
{
    constexpr qint64 kUnbounded = std::numeric_limits<qint64>::max();
    const auto bound = [&trial](LimitKey key) {
        const LimitValue &rule = trial.snapshot.limits[key];
        return trial.snapshot.isGuarding && rule.mode == LimitMode::Enforce ? rule.value : kUnbounded;
    };
    const QString &user = trial.admission.identity.user;
    // What is only observed is looked up only then: the count of a user takes a lock.
    const auto observe = [&](LimitKey key, Reason reason, auto countOpen) {
        const LimitValue &rule = trial.snapshot.limits[key];
        if (!trial.snapshot.isGuarding || rule.mode != LimitMode::Observe)
            return;
        const qint64 used = countOpen();
        if (used >= rule.value)
            (void)refuse(trial, { reason, key, rule.value, used + 1, {}, false });
    };
    observe(LimitKey::MaxConnections, Reason::ServerFull, [&] { return m_environment.users->openInAll(); });
    if (!leavesObservingToCluster())
        observe(LimitKey::MaxConnectionsPerUser, Reason::TooManyUserConnections,
            [&] { return m_environment.users->openOf(user); });
    const UserTable::Bounds bounds{ bound(LimitKey::MaxConnectionsPerUser), bound(LimitKey::MaxConnections) };
    switch (m_environment.users->take(user, bounds, trial.admission.userSlot)) {
    case UserTable::Outcome::ServerFull:
        return refuse(
            trial, { Reason::ServerFull, LimitKey::MaxConnections, bounds.inAll, bounds.inAll + 1, {}, true });
    case UserTable::Outcome::UserFull:
        return refuse(trial,
            { Reason::TooManyUserConnections, LimitKey::MaxConnectionsPerUser, bounds.perUser, bounds.perUser + 1, {},
                true });
    case UserTable::Outcome::Taken:
        break;
    }
    return std::nullopt;
}

TokenVerdict GuardChain::verify(const UpgradeAttempt &attempt, TicketUse use) const
{
    if (attempt.ticket.isEmpty())
        return m_environment.tokenVerifier->verify(attempt.token, m_environment.clock->utc());
    std::optional<Identity> identity;
    if (TicketBook *tickets = m_environment.tickets)
        identity = use == TicketUse::Take ? tickets->take(attempt.ticket) : tickets->peek(attempt.ticket);
    return verdictOf(std::move(identity));
}

TokenVerdict GuardChain::verdictOf(std::optional<Identity> ofTicket) const
{
    if (!ofTicket)
        return TokenRefusal{ Reason::TokenInvalid, u"the ticket is unknown, has been used, or is too old"_s };
    if (ofTicket->expiresAt && *ofTicket->expiresAt <= m_environment.clock->utc())
        return TokenRefusal{ Reason::TokenExpired, u"the token that the ticket was given for has expired"_s };
    return *std::move(ofTicket);
}

GuardChain::MaybeFault GuardChain::serverFault() const
{
    if (!m_environment.isDraining->load(std::memory_order_relaxed))
        return std::nullopt;
    return Fault{ Reason::Draining, u"the server is shutting down"_s, kRetryWhenFull };
}

GuardChain::MaybeFault GuardChain::banFault(const AddressKey &bucket) const
{
    if (!m_access->isBanned(bucket))
        return std::nullopt;
    return Fault{ Reason::Banned, u"this address is banned"_s };
}

GuardChain::MaybeFault GuardChain::hostFault(const UpgradeAttempt &attempt) const
{
    // A Host is an Origin without its scheme: the patterns mean the same.
    const QByteArray origin = "http://" + attempt.host;
    if (!m_environment.servedHosts || m_environment.servedHosts->allows(origin))
        return std::nullopt;
    return Fault{ Reason::WrongHost, u"this Host is not in SERVED_HOSTS"_s };
}

GuardChain::MaybeFault GuardChain::originFault(const UpgradeAttempt &attempt) const
{
    if (m_environment.originPolicy->allows(attempt.origin))
        return std::nullopt;
    return Fault{ Reason::OriginNotAllowed,
        attempt.origin ? u"this Origin is not in ALLOWED_HOSTS"_s : u"the Origin header is missing"_s };
}

GuardChain::MaybeFault GuardChain::revocationFault(const Identity &identity) const
{
    if (m_access->acceptsEveryToken())
        return std::nullopt;
    const std::optional<Reason> reason
        = m_access->judgeToken(identity.user, TokenMark(identity.tokenId, identity.issuedAt));
    if (!reason)
        return std::nullopt;
    return Fault{ *reason, *reason == Reason::UserBanned ? u"this user is banned"_s : u"the token has been revoked"_s };
}

std::optional<Problem> GuardChain::rejection(const Identity &identity) const
{
    const MaybeFault fault = revocationFault(identity);
    if (!fault)
        return std::nullopt;
    const ReasonDescriptor &reason = reasonDescriptor(fault->reason);
    return Problem{ reason.httpStatus, reason.code, reason.title, fault->detail };
}

qint64 GuardChain::waitFor(Reason reason, std::chrono::milliseconds wait)
{
    const qint64 seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return seconds > 0 ? seconds : reason == Reason::ServerFull ? kRetryWhenFull : kRetryWhenCrowded;
}

Decision GuardChain::describe(const Trial &trial, Reason reason) const
{
    Decision decision;
    decision.reason = reason;
    decision.address = trial.admission.bucket.bucketText();
    decision.user = trial.admission.identity.user;
    decision.origin = QString::fromUtf8(trial.attempt.origin.value_or(QByteArray()).left(kMaxRecordedOrigin));
    decision.tokenFingerprint
        = tokenFingerprint(trial.attempt.ticket.isEmpty() ? trial.attempt.token : trial.attempt.ticket);
    return decision;
}

Refusal GuardChain::refuse(Decision decision, const QString &detail)
{
    return { m_recorder.record(std::move(decision)), detail };
}

GuardChain::MaybeRefusal GuardChain::refuse(const Trial &trial, const MaybeFault &fault)
{
    if (!fault)
        return std::nullopt;
    Decision decision = describe(trial, fault->reason);
    decision.retryAfterSeconds = fault->retryAfterSeconds;
    return refuse(std::move(decision), fault->detail);
}

QString GuardChain::detailOf(LimitKey key, qint64 limit)
{
    return u"%1 is %2"_s.arg(limitDescriptor(key).environmentName).arg(limit);
}

Refusal GuardChain::refuse(const Trial &trial, const LimitExceeded &exceeded)
{
    Decision decision = describe(trial, exceeded.reason);
    decision.limit = exceeded.limit;
    decision.observed = exceeded.observed;
    decision.isEnforced = exceeded.isEnforced;
    decision.retryAfterSeconds = waitFor(exceeded.reason, exceeded.wait);
    return refuse(std::move(decision), detailOf(exceeded.key, exceeded.limit));
}

} // namespace gatehouse
