// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "shared/util/clock.h"

namespace gatehouse {

/// Sees whether the event loops of the workers turn. Each beats ten times a second; one that has not for kBlocked is
/// blocked: its clients are not served. Thread-safe.
class LoopWatch final
{
public:
    static constexpr std::chrono::seconds kBlocked{ 1 };

    LoopWatch() = default;
    Q_DISABLE_COPY_MOVE(LoopWatch)

    /// One loop's. Created, used and destroyed on the loop's thread; the watch outlives it.
    class Pulse final
    {
    public:
        Pulse(LoopWatch &watch, MonoTime now);
        ~Pulse();
        Q_DISABLE_COPY_MOVE(Pulse)

        /// The loop turns.
        void beat(MonoTime now);

    private:
        friend class LoopWatch;
        LoopWatch &m_watch;
        std::atomic<MonoTime> m_latest;
    };

    /// How often a loop has been blocked: counted when it turns again.
    [[nodiscard]] qint64 blockedTimes() const { return m_blockedTimes.load(std::memory_order_relaxed); }
    /// For how long in all.
    [[nodiscard]] std::chrono::milliseconds blockedTime() const
    {
        return std::chrono::milliseconds(m_blockedMillis.load(std::memory_order_relaxed));
    }
    /// For how long the loop that is blocked for longest has been; zero if none is.
    [[nodiscard]] std::chrono::milliseconds blockedFor(MonoTime now) const;

private:
    std::atomic<qint64> m_blockedTimes{ 0 };
    std::atomic<qint64> m_blockedMillis{ 0 };
    mutable std::mutex m_mutex; ///< guards what follows
    std::vector<const Pulse *> m_pulses;
};

} // namespace gatehouse
