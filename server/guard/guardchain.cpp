// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guardchain.h"

#include <algorithm>

namespace gatehouse {

namespace {

constexpr qsizetype kMaxRecordedOrigin = 200;

} // namespace

GuardChain::GuardChain(const GuardEnvironment &environment, RefusalRecorder &recorder)
    : m_guards(environment)
    , m_peers(environment)
    , m_recorder(recorder)
{
}

GuardVerdict GuardChain::judge(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot)
{
    Trial trial{ attempt, snapshot, {} };
    trial.admission.bucket = attempt.client.bucket(m_guards.environment().ipv6PrefixBits);
    return run(trial);
}

GuardVerdict GuardChain::resume(HeldAttempt held, PeerTickets::Answer answer, const LimitSnapshot &snapshot)
{
    Trial trial{ held.attempt, snapshot, std::move(held.admission), held.hasGrant, held.nextGuard };
    trial.answer = std::move(answer);
    MaybeRefusal refusal = check(kGuardStack[trial.nextGuard++].step, trial); // first, so that the ticket is given back
    if (!refusal)
        refusal = checkAgain(trial);
    if (!refusal)
        return run(trial);
    giveBack(trial);
    return *std::move(refusal);
}

GuardVerdict GuardChain::resume(HeldAttempt held, TokenVerdict verified, const LimitSnapshot &snapshot)
{
    // From the first guard on: nothing is occupied yet, and what those judge by may have changed meanwhile.
    Trial trial{ held.attempt, snapshot, std::move(held.admission) };
    trial.verified = std::move(verified);
    return run(trial);
}

GuardVerdict GuardChain::refuseUnverified(HeldAttempt held, const LimitSnapshot &snapshot)
{
    const Trial trial{ held.attempt, snapshot, std::move(held.admission) };
    return refuse(trial, Finding{ Reason::ServerFull, u"too many tokens of this address wait to be verified"_s });
}

GuardVerdict GuardChain::run(Trial &trial)
{
    for (; trial.nextGuard < kGuardStack.size(); ++trial.nextGuard) {
        if (MaybeRefusal refusal = check(kGuardStack[trial.nextGuard].step, trial)) {
            giveBack(trial);
            return *std::move(refusal);
        }
        if (trial.lacks != HeldAttempt::Lacks::Nothing)
            return HeldAttempt{ trial.lacks, trial.attempt, std::move(trial.admission), trial.hasGrant, trial.nextGuard,
                std::move(trial.ticket) };
    }
    return std::move(trial.admission);
}

GuardVerdict GuardChain::conclude(
    HeldAttempt held, const PeerAttempt &asked, const PeerVerdict &verdict, const LimitSnapshot &snapshot)
{
    using RefusedBy = PeerJudgement::RefusedBy;
    Trial trial{ held.attempt, snapshot, std::move(held.admission), held.hasGrant, held.nextGuard };
    trial.ticket = std::move(held.ticket);
    RefusedBy refusedBy = RefusedBy::OtherGuard;
    MaybeRefusal refusal = checkAgain(trial);
    if (!refusal) {
        refusal = refuse(trial, m_peers.findings(verdict, trial.admission, trial.hasGrant, snapshot));
        refusedBy = refusal ? RefusedBy::Verdict : RefusedBy::Nobody;
    }
    m_peers.conclude(asked, verdict, refusedBy, trial.admission);
    if (!refusal)
        return std::move(trial.admission);
    giveBack(trial);
    return *std::move(refusal);
}

void GuardChain::giveBack(Trial &trial)
{
    // A refused attempt uses up neither budget nor a grant nor a ticket.
    trial.admission.attempt.takeBack();
    trial.admission.addressSlot = {};
    if (trial.hasGrant)
        m_guards.environment().grants->giveBack(trial.admission.client);
    giveTicketBack(trial);
}

void GuardChain::giveTicketBack(Trial &trial)
{
    trial.ticket.own.giveBack();
    if (!trial.ticket.ofPeers)
        return;
    const GuardEnvironment &environment = m_guards.environment();
    environment.peerTickets->giveBack(TicketBook::digestOf(trial.attempt.ticket), *trial.ticket.ofPeers,
        std::chrono::floor<std::chrono::milliseconds>(trial.ticket.goodUntil - environment.clock->monotonic()));
    trial.ticket.ofPeers.reset();
}

GuardChain::MaybeRefusal GuardChain::check(GuardStep step, Trial &trial)
{
    switch (step) {
    case GuardStep::Server:
        return refuse(trial, m_guards.judgeServer());
    case GuardStep::Ban:
        return refuse(trial, m_guards.judgeAddress(AddressKey::of(trial.admission.bucket)));
    case GuardStep::Host:
        return refuse(trial, m_guards.judgeHost(trial.attempt));
    case GuardStep::Origin:
        return refuse(trial, m_guards.judgeOrigin(trial.attempt));
    case GuardStep::Address:
        return checkAddress(trial);
    case GuardStep::Reconnect:
        return checkReconnect(trial);
    case GuardStep::Token:
        return checkToken(trial);
    case GuardStep::Revocation:
        return refuse(trial, m_guards.judgeIdentity(trial.admission.identity));
    case GuardStep::User:
        return checkUser(trial);
    case GuardStep::Cluster:
        return checkCluster(trial);
    case GuardStep::Capacity: // judged with User, under one lock
        break;
    }
    return std::nullopt;
}

GuardChain::MaybeRefusal GuardChain::checkAgain(Trial &trial)
{
    MaybeRefusal refusal;
    for (const GuardStepDescriptor &guard : kGuardStack) {
        if (guard.isJudgedAgain && !refusal)
            refusal = check(guard.step, trial);
    }
    return refusal;
}

GuardChain::MaybeRefusal GuardChain::checkAddress(Trial &trial)
{
    if (isSuspect(trial)) { // before it occupies anything: waiting for the verdict, it takes no place of its neighbours
        trial.lacks = HeldAttempt::Lacks::Token;
        return std::nullopt;
    }
    const GuardEnvironment &environment = m_guards.environment();
    const AddressKey bucket = AddressKey::of(trial.admission.bucket);
    const AccessRules::Exemption exemption = m_guards.access().exemptionOf(bucket);
    if (exemption.isWhole) {
        trial.admission.addressSlot = AddressSlot::uncounted(bucket);
        return std::nullopt;
    }
    trial.admission.addressLimit = exemption.ownLimit;
    AddressTable::Admission admission = environment.addresses->admit(trial.admission.bucket,
        LimitRule::of(Reason::TooManyConnections, trial.snapshot).withValue(trial.admission.addressLimit));
    trial.admission.addressSlot = std::move(admission.slot);
    return refuse(trial, own(std::move(admission.findings)));
}

/// Whose budget it is, the token says. One that is not good is of nobody: its address has a budget for such, and using
/// that up takes nothing from the users behind it.
GuardChain::MaybeRefusal GuardChain::checkReconnect(Trial &trial)
{
    if (lacksTicket(trial)) {
        trial.lacks = HeldAttempt::Lacks::Ticket;
        return std::nullopt;
    }
    trial.token = trial.attempt.ticket.isEmpty() ? verdictOfToken(trial) : verdictOfTicket(trial);
    const Identity *identity = std::get_if<Identity>(&*trial.token);
    if (identity)
        trial.admission.identity = *identity;
    if (!trial.admission.addressSlot.isCounted())
        return std::nullopt;
    const GuardEnvironment &environment = m_guards.environment();
    const MonoTime now = environment.clock->monotonic();
    if (!identity) {
        const ClientKey stranger = ClientKey::stranger(AddressKey::of(trial.admission.bucket));
        return refuse(trial, environment.strangers->admit(stranger, trial.snapshot, now).findings);
    }
    const ClientKey client = ClientKey::of(AddressKey::of(trial.admission.bucket), identity->user);
    trial.admission.client = client;
    trial.hasGrant = trial.admission.usesBudget() && environment.grants && environment.grants->take(client, now);
    AttemptTable::Admission admission = environment.clients->admit(client, trial.snapshot, now, budgetOf(trial));
    trial.admission.attempt = std::move(admission.attempt);
    return refuse(trial, own(std::move(admission.findings)));
}

AttemptTable::Budget GuardChain::budgetOf(const Trial &trial) const
{
    if (trial.hasGrant || !trial.admission.usesBudget())
        return AttemptTable::Budget::Spared;
    return m_peers.judgesGrants() ? AttemptTable::Budget::Counted : AttemptTable::Budget::Used;
}

bool GuardChain::lacksTicket(const Trial &trial) const
{
    return !trial.answer && m_guards.environment().peerTickets->areAsked()
        && trial.attempt.ticket.size() == TicketBook::kTicketChars;
}

GuardChain::MaybeRefusal GuardChain::checkToken(Trial &trial)
{
    const TokenRefusal *bad = std::get_if<TokenRefusal>(&*trial.token);
    return bad ? MaybeRefusal(refuse(trial, Finding{ bad->reason, bad->detail })) : std::nullopt;
}

/// Whether the token is one of those that the side verifier is to look at.
bool GuardChain::isSuspect(const Trial &trial) const
{
    const GuardEnvironment &environment = m_guards.environment();
    return environment.sideVerifier && !trial.verified && !trial.attempt.token.isEmpty()
        && environment.tokenVerifier->isCostly()
        && environment.badTokens->wait(trial.admission.bucket, environment.clock->monotonic());
}

TokenVerdict GuardChain::verdictOfToken(const Trial &trial) const
{
    const GuardEnvironment &environment = m_guards.environment();
    TokenVerdict verdict = trial.verified ? *trial.verified : m_guards.verifyToken(trial.attempt);
    const bool isBad = !trial.attempt.token.isEmpty() && std::holds_alternative<TokenRefusal>(verdict);
    if (environment.badTokens && isBad && environment.tokenVerifier->isCostly())
        (void)environment.badTokens->take(trial.admission.bucket, environment.clock->monotonic());
    return verdict;
}

/// Where the other nodes have said whom the ticket stands for, they have the word; it is used up at this one too. Where
/// nobody could be asked, it is good at the node that gave it, if no other one can have let somebody in with it.
TokenVerdict GuardChain::verdictOfTicket(Trial &trial)
{
    const GuardEnvironment &environment = m_guards.environment();
    const bool doPeersKnow = trial.answer && trial.answer->isKnown;
    if (environment.tickets)
        trial.ticket.own = environment.tickets->claim(
            trial.attempt.ticket, doPeersKnow ? TicketBook::By::Peers : TicketBook::By::Book);
    if (!doPeersKnow)
        return m_guards.verdictOf(trial.ticket.own.identity());
    if (!trial.answer->identity)
        trial.ticket.own = TicketClaim(); // somebody has used it elsewhere
    trial.ticket.ofPeers = trial.answer->identity;
    trial.ticket.goodUntil = environment.clock->monotonic() + trial.answer->left;
    return m_guards.verdictOf(trial.answer->identity);
}

GuardChain::MaybeRefusal GuardChain::checkUser(Trial &trial)
{
    UserTable::Admission admission = m_guards.environment().users->admit(trial.admission.identity.user, trial.snapshot);
    trial.admission.userSlot = std::move(admission.slot);
    return refuse(trial, own(std::move(admission.findings)));
}

GuardChain::MaybeRefusal GuardChain::checkCluster(Trial &trial)
{
    if (m_peers.isAsked()) {
        trial.lacks = HeldAttempt::Lacks::Verdict;
        return std::nullopt;
    }
    MaybeRefusal refusal = refuse(trial, m_peers.judgeAlone(trial.admission, trial.hasGrant, trial.snapshot));
    if (!refusal)
        m_peers.enter(trial.admission);
    return refusal;
}

Findings GuardChain::own(Findings findings) const
{
    std::erase_if(
        findings, [this](const Finding &finding) { return !finding.isEnforced && m_peers.judges(finding.reason); });
    return findings;
}

Decision GuardChain::describe(const Trial &trial) const
{
    Decision decision;
    decision.address = trial.admission.bucket.bucketText(m_guards.environment().ipv6PrefixBits);
    decision.user = trial.admission.identity.user;
    decision.origin = QString::fromUtf8(trial.attempt.origin.value_or(QByteArray()).left(kMaxRecordedOrigin));
    decision.tokenFingerprint
        = tokenFingerprint(trial.attempt.ticket.isEmpty() ? trial.attempt.token : trial.attempt.ticket);
    return decision;
}

/// Some limits come before the token is judged. Whether they turn users away or a flood, the operator must know: of
/// each address a few tokens are looked at all the same, and a flood stays cheap.
QString GuardChain::userBehind(const Trial &trial) const
{
    if (trial.token)
        return {}; // it has been looked at, and is not good
    const GuardEnvironment &environment = m_guards.environment();
    const bool isShown = !trial.attempt.token.isEmpty() || !trial.attempt.ticket.isEmpty();
    if (!isShown || !environment.looks
        || environment.looks->take(trial.admission.bucket, environment.clock->monotonic()))
        return {};
    const TokenVerdict verdict = trial.verified ? *trial.verified : m_guards.preview(trial.attempt);
    const Identity *identity = std::get_if<Identity>(&verdict);
    return identity && !m_guards.judgeIdentity(*identity) ? identity->user : QString();
}

Refusal GuardChain::refuse(const Trial &trial, const Finding &finding)
{
    Decision about = describe(trial);
    if (about.user.isEmpty() && finding.isEnforced && finding.limit) // no limit: memory, say, which is no user's affair
        about.user = userBehind(trial);
    return { m_recorder.record(std::move(about), finding), finding.text() };
}

GuardChain::MaybeRefusal GuardChain::refuse(const Trial &trial, const Guards::MaybeFinding &finding)
{
    return finding ? MaybeRefusal(refuse(trial, *finding)) : std::nullopt;
}

GuardChain::MaybeRefusal GuardChain::refuse(const Trial &trial, const Findings &findings)
{
    MaybeRefusal refusal;
    for (const Finding &finding : findings) {
        Refusal recorded = refuse(trial, finding);
        if (finding.isEnforced)
            refusal = std::move(recorded);
    }
    return refusal;
}

} // namespace gatehouse
