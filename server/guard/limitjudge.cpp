// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/limitjudge.h"

#include <algorithm>

namespace gatehouse {

LimitRule LimitRule::of(Reason reason, const LimitSnapshot &snapshot)
{
    const LimitValue &limit = snapshot.limits[reasonDescriptor(reason).limit.value()];
    return { limit.value, limit.mode, snapshot.isGuarding };
}

LimitRule LimitRule::dividedAmong(qint64 shares) const
{
    return shares < 2 ? *this : LimitRule{ std::max<qint64>(1, value / shares), mode, isGuarding };
}

Finding LimitJudgement::finding() const
{
    return { reason, {}, limit, observed, exactWait, outcome == Outcome::Refused };
}

LimitJudgement judgeLimit(Reason reason, const LimitRule &rule, qint64 observed, std::chrono::milliseconds exactWait)
{
    using Outcome = LimitJudgement::Outcome;
    LimitJudgement judgement{ Outcome::NotJudged, reason, rule.value, observed };
    if (!rule.isJudged())
        return judgement;
    if (observed <= rule.value) {
        judgement.outcome = Outcome::Passes;
        return judgement;
    }
    judgement.outcome = rule.mode == LimitMode::Enforce ? Outcome::Refused : Outcome::Observed;
    judgement.exactWait = exactWait;
    return judgement;
}

LimitJudgement judgeLimit(Reason reason, const LimitRule &rule, const LimitCounts &counts)
{
    const std::optional<LimitCounts::Count> &count = counts.of(reasonDescriptor(reason).counts);
    if (!count)
        return { LimitJudgement::Outcome::NotJudged, reason };
    return judgeLimit(reason, rule, count->observed, count->exactWait);
}

bool isJudgedByPeers(Reason reason)
{
    return std::find(kPeerReasons.begin(), kPeerReasons.end(), reason) != kPeerReasons.end();
}

LimitRule peerRule(Reason reason, const LimitSnapshot &snapshot, std::optional<qint64> addressLimit)
{
    const LimitRule rule = LimitRule::of(reason, snapshot);
    return reason == Reason::TooManyConnections ? rule.withValue(addressLimit) : rule;
}

Findings judgePeerLimits(
    const LimitSnapshot &snapshot, const LimitCounts &counts, std::optional<qint64> addressLimit, qint64 shares)
{
    Findings findings;
    for (const Reason reason : kPeerReasons) {
        const LimitRule rule = peerRule(reason, snapshot, addressLimit).dividedAmong(shares);
        if (const LimitJudgement judgement = judgeLimit(reason, rule, counts); judgement.isExceeded())
            findings.push_back(judgement.finding());
        if (doRefuse(findings))
            break;
    }
    return findings;
}

} // namespace gatehouse
