// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/peerjudgement.h"

namespace gatehouse {

namespace {

std::optional<AddressKey> countedBucket(const AddressSlot &slot)
{
    return slot.isCounted() ? std::optional(slot.bucket()) : std::nullopt;
}

void share(Admission &admission)
{
    admission.addressSlot.countWithPeers();
    admission.userSlot.countWithPeers();
}

} // namespace

PeerJudgement::PeerJudgement(const GuardEnvironment &environment)
    : m_clock(environment.clock)
    , m_addresses(environment.addresses)
    , m_clients(environment.clients)
    , m_users(environment.users)
    , m_peers(environment.peers)
{
}

std::optional<Finding> PeerJudgement::judgeAlone(
    const Admission &admission, bool hasGrant, const LimitSnapshot &snapshot) const
{
    const qint64 shares = m_peers->shares();
    // Undivided, the own guards have judged all but the budget that was left to those who know the grants.
    if ((shares < 2 && !m_peers->hasGrants()) || !snapshot.isGuarding)
        return std::nullopt;
    // This attempt is counted already, by address and by user.
    LimitCounts counts;
    if (admission.addressSlot.isCounted()) {
        const LimitRule budget = LimitRule::of(Reason::TooManyReconnects, snapshot).dividedAmong(shares);
        counts.set(Counted::ConnectionsOfAddress, m_addresses->openOf(admission.bucket));
        const AttemptTable::Usage usage
            = m_clients->peek(admission.client, snapshot, budget.value + 1, m_clock->monotonic());
        if (!hasGrant && admission.usesBudget())
            counts.set(Counted::AttemptsOfClient, usage.attempts, usage.attemptWait);
    }
    counts.set(Counted::ConnectionsOfUser, m_users->openOf(admission.identity.user));
    Findings findings = judgePeerLimits(snapshot, counts, admission.addressLimit, shares);
    return doRefuse(findings) ? std::optional(std::move(findings.back())) : std::nullopt;
}

void PeerJudgement::enter(Admission &admission) const
{
    m_peers->enter(countedBucket(admission.addressSlot), admission.identity.user);
    share(admission);
}

PeerAttempt PeerJudgement::question(const HeldAttempt &held, LimitSnapshotPtr snapshot)
{
    return { countedBucket(held.admission.addressSlot), held.admission.identity.user,
        !held.hasGrant && held.admission.usesBudget(), std::move(snapshot), held.admission.addressLimit };
}

Findings PeerJudgement::findings(
    const PeerVerdict &verdict, const Admission &admission, bool hasGrant, const LimitSnapshot &snapshot) const
{
    if (verdict.kind != PeerVerdict::Kind::NoAnswer)
        return verdict.findings;
    Findings findings;
    if (std::optional<Finding> finding = judgeAlone(admission, hasGrant, snapshot))
        findings.push_back(*std::move(finding));
    return findings;
}

void PeerJudgement::conclude(
    const PeerAttempt &asked, const PeerVerdict &verdict, RefusedBy refusedBy, Admission &admission) const
{
    if (verdict.kind == PeerVerdict::Kind::NoAnswer)
        m_peers->settle(verdict.id, refusedBy == RefusedBy::Nobody);
    else if (refusedBy == RefusedBy::OtherGuard && verdict.kind == PeerVerdict::Kind::Admitted)
        m_peers->takeBack(asked, verdict);
    if (refusedBy != RefusedBy::Nobody)
        return;
    if (verdict.sparedBudget)
        admission.attempt.takeBack();
    share(admission);
}

void PeerJudgement::abandon(const PeerAttempt &asked, const PeerVerdict &verdict) const
{
    // Like a client that went away right after it was let in: it has used its budget.
    if (verdict.kind == PeerVerdict::Kind::NoAnswer)
        m_peers->settle(verdict.id, false);
    if (verdict.kind != PeerVerdict::Kind::Admitted)
        return;
    if (asked.bucket)
        m_peers->leave(*asked.bucket);
    m_peers->leave(asked.user);
}

} // namespace gatehouse
