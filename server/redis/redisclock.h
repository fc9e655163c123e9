// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>

#include <QtCore/QtGlobal>

#include "shared/util/clock.h"

namespace gatehouse {

/// The time that all have in common who use one Redis: Redis' own, as far as its answers to TIME tell. What one process
/// writes down with it, every other judges rightly, however far their own clocks are apart. Until Redis has answered,
/// and where it is away, it is the own clock with the difference that was known last. Small differences are left out:
/// clocks that agree are not made to jump by each answer. The monotonic time is the own one.
///
/// Answers are given to it on one thread; all else may be called on any.
class RedisClock final : public Clock
{
public:
    static constexpr size_t kAnswers = 8;                      ///< of which the one that took the least time counts
    static constexpr std::chrono::milliseconds kSteady{ 100 }; ///< a difference, or a change of it, that is left out
    static constexpr std::chrono::milliseconds kDrift{ 20 };   ///< of two clocks that nobody sets, between answers

    /// `own` outlives it.
    explicit RedisClock(const Clock &own);
    Q_DISABLE_COPY_MOVE(RedisClock)

    [[nodiscard]] MonoTime monotonic() const override { return m_own.monotonic(); }
    [[nodiscard]] UtcTime utc() const override;
    [[nodiscard]] const Clock &own() const { return m_own; }
    /// When by the own clock it is, or will be, that time of Redis'.
    [[nodiscard]] UtcTime toOwn(UtcTime ofRedis) const;

    /// Redis said `redis` when it was asked at `sentAt`; the answer came just now.
    void answered(MonoTime sentAt, UtcTime redis);
    /// It may be another Redis from now on. Its difference is that of the last until it answers.
    void forgetAnswers();

    /// How far the own clock is ahead of Redis' (negative: behind), to some milliseconds; nullopt until it has
    /// answered.
    [[nodiscard]] std::optional<std::chrono::milliseconds> skew() const;

private:
    struct Answer
    {
        std::chrono::milliseconds trip;  ///< there and back
        std::chrono::milliseconds ahead; ///< Redis' time minus the own; wrong by half the trip at most
    };
    /// Whether both can be right.
    [[nodiscard]] static bool agree(const Answer &one, const Answer &other);

    const Clock &m_own;
    std::atomic<std::chrono::milliseconds> m_applied{ std::chrono::milliseconds(0) };
    mutable std::mutex m_mutex;                          ///< guards what follows
    std::deque<Answer> m_answers;                        ///< oldest first
    std::optional<std::chrono::milliseconds> m_measured; ///< Redis' time minus the own
};

} // namespace gatehouse
