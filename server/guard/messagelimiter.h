// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/limitjudge.h"
#include "server/guard/rollingwindow.h"

namespace gatehouse {

/// The message limit of one connection: MAX_MESSAGES_PER_MINUTE and MESSAGE_LIMIT_STRIKES. Judges before anything of
/// the message is decoded. Pure.
class MessageLimiter final
{
public:
    enum class Outcome
    {
        Pass,
        PassNear,     ///< passes, and 80 % of the limit are used: said once a window
        PassObserved, ///< over the limit, but the limit only observes
        Drop,         ///< not to be processed
        Disconnect,   ///< not to be processed, and one strike too many
    };
    struct Verdict
    {
        Outcome outcome = Outcome::Pass;
        qint64 limit = 0;
        qint64 observed = 0; ///< messages in the window, this one included
        std::chrono::milliseconds
            wait{}; ///< until the next message may pass (Drop), or until the window has room again (PassNear)
    };

    [[nodiscard]] Verdict judge(const LimitSnapshot &snapshot, MonoTime now);
    /// Messages that count now.
    [[nodiscard]] qint64 used(MonoTime now) { return m_messages.count(now); }

private:
    [[nodiscard]] bool isFirstNearWarning(MonoTime now);

    RollingWindow m_messages{ std::chrono::minutes(1) };
    RollingWindow m_strikes{ std::chrono::minutes(1) };
    MonoTime m_nextWarning = MonoTime::min();
};

} // namespace gatehouse
