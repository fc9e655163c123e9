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
    const LimitValue &rule = snapshot.limits[LimitKey::MaxMessagesPerMinute];
    if (!snapshot.isGuarding || rule.mode == LimitMode::Off)
        return {};
    const qint64 used = m_messages.count(now);
    if (used < rule.value) {
        m_messages.add(now);
        const bool isNear = (used + 1) * 5 >= rule.value * 4 && rule.mode == LimitMode::Enforce;
        if (isNear && used + 1 < rule.value && isFirstNearWarning(now))
            return { Outcome::PassNear, rule.value, used + 1, m_messages.waitUntilBelow(1, now) };
        return { Outcome::Pass, rule.value, used + 1, {} };
    }
    // What is over the limit does not use up budget itself, or a flood would never end.
    if (rule.mode == LimitMode::Observe)
        return { Outcome::PassObserved, rule.value, used + 1, {} };
    const std::chrono::milliseconds wait = m_messages.waitUntilBelow(rule.value, now);
    const LimitValue &strikes = snapshot.limits[LimitKey::MessageLimitStrikes];
    if (strikes.mode == LimitMode::Enforce) {
        if (m_strikes.count(now) >= strikes.value)
            return { Outcome::Disconnect, strikes.value, strikes.value + 1, wait };
        m_strikes.add(now);
    }
    return { Outcome::Drop, rule.value, used + 1, wait };
}

} // namespace gatehouse
