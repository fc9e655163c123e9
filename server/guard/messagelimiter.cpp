// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/messagelimiter.h"

namespace gatehouse {

bool MessageLimiter::isFirstNearWarning(MonoTime now)
{
    if (now < m_nextWarning)
        return false;
    m_nextWarning = now + std::chrono::minutes(1);
    return true;
}

MessageLimiter::Verdict MessageLimiter::judge(const LimitSnapshot &snapshot, MonoTime now)
{
    const LimitRule rule = LimitRule::of(Reason::RateLimited, snapshot);
    if (!rule.isJudged())
        return {};
    const LimitJudgement messages = judgeLimit(Reason::RateLimited, rule, m_messages.count(now) + 1);
    const auto says = [&messages](Outcome outcome, std::chrono::milliseconds wait = {}) {
        return Verdict{ outcome, messages.limit, messages.observed, wait };
    };
    if (!messages.isExceeded()) {
        m_messages.add(now);
        const bool isNear = messages.observed * 5 >= rule.value * 4 && rule.mode == LimitMode::Enforce;
        if (isNear && messages.observed < rule.value && isFirstNearWarning(now))
            return says(Outcome::PassNear, m_messages.waitUntilBelow(1, now));
        return says(Outcome::Pass);
    }
    // What is over the limit does not use up budget itself, or a flood would never end.
    if (messages.outcome == LimitJudgement::Outcome::Observed)
        return says(Outcome::PassObserved);
    const std::chrono::milliseconds wait = m_messages.waitUntilBelow(rule.value, now);
    const LimitRule strikeRule = LimitRule::of(Reason::RateLimitStrikes, snapshot);
    if (strikeRule.mode == LimitMode::Enforce) {
        const LimitJudgement strikes = judgeLimit(Reason::RateLimitStrikes, strikeRule, m_strikes.count(now) + 1);
        if (strikes.isExceeded())
            return { Outcome::Disconnect, strikes.limit, strikes.observed, wait };
        m_strikes.add(now);
    }
    return says(Outcome::Drop, wait);
}

} // namespace gatehouse
