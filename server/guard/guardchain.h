// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/guardorder.h"
#include "server/guard/guards.h"
#include "server/guard/guardverdict.h"
#include "server/guard/peerjudgement.h"
#include "server/guard/refusalrecorder.h"

namespace gatehouse {

/// Decides about upgrades: lets each guard of kGuardStack judge, and records what it finds. One per worker, on its
/// thread; knows no sockets.
class GuardChain final
{
public:
    GuardChain(const GuardEnvironment &environment, RefusalRecorder &recorder);

    /// Bans and exemptions for every later attempt.
    void setAccess(AccessRulesPtr rules) { m_guards.setAccess(std::move(rules)); }
    [[nodiscard]] const Guards &guards() const { return m_guards; }
    [[nodiscard]] const PeerJudgement &peers() const { return m_peers; }

    /// Judges an attempt against the snapshot. Nothing is held unless it is admitted.
    [[nodiscard]] GuardVerdict judge(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot);
    /// Goes on with an attempt that lacked a ticket's identity.
    [[nodiscard]] GuardVerdict resume(HeldAttempt held, PeerTickets::Answer answer, const LimitSnapshot &snapshot);
    /// Goes on with an attempt that lacked the verdict on its token.
    [[nodiscard]] GuardVerdict resume(HeldAttempt held, TokenVerdict verified, const LimitSnapshot &snapshot);
    /// The end of an attempt that lacked the verdict on its token and cannot have one now: too many wait for theirs.
    [[nodiscard]] GuardVerdict refuseUnverified(HeldAttempt held, const LimitSnapshot &snapshot);
    /// The end of an attempt that lacked the verdict. `asked` is the question() of peers().
    [[nodiscard]] GuardVerdict conclude(
        HeldAttempt held, const PeerAttempt &asked, const PeerVerdict &verdict, const LimitSnapshot &snapshot);

private:
    using MaybeRefusal = std::optional<Refusal>;
    struct Trial ///< an attempt on its way through the chain
    {
        const UpgradeAttempt &attempt;
        const LimitSnapshot &snapshot;
        Admission admission;
        bool hasGrant = false;                                  ///< the attempt uses a grant in place of budget
        size_t nextGuard = 0;                                   ///< in kGuardStack
        HeldAttempt::Lacks lacks = HeldAttempt::Lacks::Nothing; ///< set by a guard that cannot say yet
        std::optional<PeerTickets::Answer> answer{}; ///< what the cluster says of a ticket, once it was asked
        ShownTicket ticket{};
        std::optional<TokenVerdict> verified{}; ///< what the side verifier says of the token
        std::optional<TokenVerdict> token{};    ///< the word on token or ticket, from GuardStep::Reconnect on
    };

    [[nodiscard]] GuardVerdict run(Trial &trial);
    [[nodiscard]] MaybeRefusal check(GuardStep step, Trial &trial);
    [[nodiscard]] MaybeRefusal checkAgain(Trial &trial);
    [[nodiscard]] MaybeRefusal checkAddress(Trial &trial);
    [[nodiscard]] MaybeRefusal checkReconnect(Trial &trial);
    [[nodiscard]] MaybeRefusal checkToken(Trial &trial);
    [[nodiscard]] MaybeRefusal checkUser(Trial &trial);
    [[nodiscard]] MaybeRefusal checkCluster(Trial &trial);

    void giveBack(Trial &trial);
    void giveTicketBack(Trial &trial);
    [[nodiscard]] TokenVerdict verdictOfTicket(Trial &trial);
    [[nodiscard]] bool isSuspect(const Trial &trial) const;
    [[nodiscard]] TokenVerdict verdictOfToken(const Trial &trial) const;
    [[nodiscard]] bool lacksTicket(const Trial &trial) const;
    [[nodiscard]] AttemptTable::Budget budgetOf(const Trial &trial) const;
    [[nodiscard]] Findings own(Findings findings) const;
    [[nodiscard]] Decision describe(const Trial &trial) const;
    [[nodiscard]] QString userBehind(const Trial &trial) const;
    [[nodiscard]] Refusal refuse(const Trial &trial, const Finding &finding);
    [[nodiscard]] MaybeRefusal refuse(const Trial &trial, const Guards::MaybeFinding &finding);
    [[nodiscard]] MaybeRefusal refuse(const Trial &trial, const Findings &findings);

    Guards m_guards;
    PeerJudgement m_peers;
    RefusalRecorder &m_recorder;
};

} // namespace gatehouse
