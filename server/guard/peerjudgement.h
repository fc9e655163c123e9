// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/guardverdict.h"
#include "server/guard/limitjudge.h"

namespace gatehouse {

/// What the other nodes of a cluster say of an attempt, and what they are told of it. Where nobody can be asked, this
/// node holds the limits by itself: in full, as its own guards have judged already, or divided by the nodes. Records
/// nothing. One per worker, on its thread.
class PeerJudgement final
{
public:
    explicit PeerJudgement(const GuardEnvironment &environment);

    /// Whether there is anybody to ask.
    [[nodiscard]] bool isAsked() const { return m_peers->isReachable(); }
    /// Whether they judge the limit too: what this node only observes of it is theirs to say, or there were two
    /// decisions for one.
    [[nodiscard]] bool judges(Reason reason) const { return isAsked() && isJudgedByPeers(reason); }
    /// Whether somebody may have a grant of all nodes: then budget is judged by those who know.
    [[nodiscard]] bool judgesGrants() const { return isAsked() && m_peers->hasGrants(); }

    /// What this node alone holds against an attempt that its tables count already, beyond what its own guards have
    /// said. What only observes has been observed by those.
    [[nodiscard]] std::optional<Finding> judgeAlone(
        const Admission &admission, bool hasGrant, const LimitSnapshot &snapshot) const;
    /// The attempt was let in without asking: the others learn of it.
    void enter(Admission &admission) const;

    /// What is to be asked about an attempt that lacks the verdict alone.
    [[nodiscard]] static PeerAttempt question(const HeldAttempt &held, LimitSnapshotPtr snapshot);
    /// What the verdict holds against the attempt, or this node alone if there is none.
    [[nodiscard]] Findings findings(
        const PeerVerdict &verdict, const Admission &admission, bool hasGrant, const LimitSnapshot &snapshot) const;
    /// Whose word it was that the attempt is refused.
    enum class RefusedBy : quint8
    {
        Nobody,
        Verdict,
        OtherGuard, ///< for what changed while it waited
    };
    /// Tells the others how it ended. An attempt that nobody refused is theirs to count from now on.
    void conclude(
        const PeerAttempt &asked, const PeerVerdict &verdict, RefusedBy refusedBy, Admission &admission) const;
    /// Nobody waits for that verdict any more: the client has gone.
    void abandon(const PeerAttempt &asked, const PeerVerdict &verdict) const;

private:
    const Clock *m_clock;
    const AddressTable *m_addresses;
    const AttemptTable *m_clients;
    const UserTable *m_users;
    PeerAdmission *m_peers;
};

} // namespace gatehouse
