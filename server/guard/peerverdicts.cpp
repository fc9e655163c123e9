// SPDX-License-Identifier: GPL-3.0-or-later
// The part of GuardChain that concerns the other nodes of a cluster.
#include <algorithm>

#include "server/guard/guardchain.h"

using namespace Qt::StringLiterals;

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

GuardChain::MaybeRefusal GuardChain::checkCluster(Trial &trial)
{
    PeerAdmission *peers = m_environment.peers;
    if (!peers)
        return std::nullopt;
    if (peers->isReachable()) {
        trial.lacks = HeldAttempt::Lacks::Verdict;
        return std::nullopt;
    }
    MaybeRefusal refusal = checkShare(trial);
    if (!refusal) {
        peers->enter(countedBucket(trial.admission.addressSlot), trial.admission.identity.user);
        share(trial.admission);
    }
    return refusal;
}

GuardChain::MaybeRefusal GuardChain::checkShare(Trial &trial)
{
    const qint64 nodes = m_environment.peers->nodes();
    if (nodes < 2 || !trial.snapshot.isGuarding)
        return std::nullopt;
    const auto shareOf = [&](LimitKey key) { return std::max<qint64>(1, trial.snapshot.limits[key].value / nodes); };
    const auto check = [&](Reason reason, LimitKey key, qint64 used, std::chrono::milliseconds wait) -> MaybeRefusal {
        // What only observes has been observed by the guard of this node.
        if (trial.snapshot.limits[key].mode != LimitMode::Enforce || used <= shareOf(key))
            return std::nullopt;
        return refuse(trial, { reason, key, shareOf(key), used, wait, true });
    };
    // This attempt is counted already, here as in the table of users.
    if (trial.admission.addressSlot.isCounted()) {
        const AddressTable::Usage usage = m_environment.addresses->peek(
            trial.admission.bucket, shareOf(LimitKey::MaxReconnectAttempts) + 1, m_environment.clock->monotonic());
        if (MaybeRefusal refusal = check(Reason::TooManyConnections, LimitKey::MaxConnectionsPerIp, usage.open, {}))
            return refusal;
        if (!trial.hasGrant) {
            if (MaybeRefusal refusal
                = check(Reason::TooManyReconnects, LimitKey::MaxReconnectAttempts, usage.attempts, usage.attemptWait))
                return refusal;
        }
    }
    return check(Reason::TooManyUserConnections, LimitKey::MaxConnectionsPerUser,
        m_environment.users->openOf(trial.admission.identity.user), {});
}

GuardVerdict GuardChain::resume(HeldAttempt held, PeerTickets::Answer answer, const LimitSnapshot &snapshot)
{
    Trial trial{ held.attempt, snapshot, std::move(held.admission), held.hasGrant, held.nextGuard };
    trial.ticket = std::move(answer);
    return run(trial);
}

PeerAttempt GuardChain::question(const HeldAttempt &held, LimitSnapshotPtr snapshot) const
{
    return { countedBucket(held.admission.addressSlot), held.admission.identity.user, !held.hasGrant,
        std::move(snapshot) };
}

GuardVerdict GuardChain::conclude(
    HeldAttempt held, const PeerAttempt &asked, const PeerVerdict &verdict, const LimitSnapshot &snapshot)
{
    Trial trial{ held.attempt, snapshot, std::move(held.admission), held.hasGrant, held.nextGuard };
    // What may have changed while it waited comes first.
    MaybeRefusal refusal = checkServer(trial);
    if (!refusal)
        refusal = checkBan(trial);
    if (!refusal)
        refusal = checkRevocation(trial);
    const bool isRefusedHere = refusal.has_value();
    if (!refusal)
        refusal = checkVerdict(trial, verdict);
    if (verdict.kind == PeerVerdict::Kind::NoAnswer)
        m_environment.peers->settle(verdict.id, !refusal);
    else if (isRefusedHere && verdict.kind == PeerVerdict::Kind::Admitted)
        m_environment.peers->takeBack(asked, verdict);
    if (refusal) {
        giveBack(trial);
        return *std::move(refusal);
    }
    if (verdict.sparedBudget)
        trial.admission.addressSlot.spareBudget();
    share(trial.admission);
    return std::move(trial.admission);
}

GuardChain::MaybeRefusal GuardChain::checkVerdict(Trial &trial, const PeerVerdict &verdict)
{
    if (verdict.kind == PeerVerdict::Kind::NoAnswer)
        return checkShare(trial);
    MaybeRefusal refusal;
    for (const LimitExceeded &exceeded : verdict.exceeded) {
        Refusal recorded = refuse(trial, exceeded);
        if (exceeded.isEnforced)
            refusal = std::move(recorded);
    }
    return refusal;
}

void GuardChain::abandon(const PeerAttempt &asked, const PeerVerdict &verdict)
{
    // Like a client that went away right after it was let in: it has used its budget.
    if (verdict.kind == PeerVerdict::Kind::NoAnswer)
        m_environment.peers->settle(verdict.id, false);
    if (verdict.kind != PeerVerdict::Kind::Admitted)
        return;
    if (asked.bucket)
        m_environment.peers->leave(*asked.bucket);
    m_environment.peers->leave(asked.user);
}

} // namespace gatehouse
