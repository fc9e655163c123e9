// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

#include <QtCore/QtGlobal>

#include "shared/util/clock.h"

namespace gatehouse {

class TimingWheel;

/// One deadline of a TimingWheel. Owned by whoever waits; cancels itself when destroyed. Not thread-safe. Every
/// connection holds some, so the callback lives in the timer itself: it may capture one pointer or reference, no more.
class WheelTimer final
{
public:
    template <typename Callback>
    explicit WheelTimer(Callback expired)
        : m_expire(&WheelTimer::call<Callback>)
    {
        static_assert(sizeof(Callback) <= sizeof m_callback && std::is_trivially_copyable_v<Callback>,
            "capture one pointer or reference");
        std::memcpy(&m_callback, &expired, sizeof expired);
    }
    ~WheelTimer();
    Q_DISABLE_COPY_MOVE(WheelTimer)

    [[nodiscard]] bool isActive() const { return m_place != nullptr; }
    void cancel();

private:
    friend class TimingWheel;
    template <typename Callback> static void call(void *callback)
    {
        // A copy: the call may destroy the timer.
        alignas(Callback) std::byte copy[sizeof(Callback)];
        std::memcpy(copy, callback, sizeof(Callback));
        (*std::launder(reinterpret_cast<Callback *>(copy)))();
    }

    void (*m_expire)(void *callback);
    void *m_callback = nullptr;     ///< the bytes of the callback
    WheelTimer **m_place = nullptr; ///< what points to this timer: the head of a list, or the timer before it
    WheelTimer *m_next = nullptr;
    quint64 m_tick = 0;
};

/// All deadlines of one kind of one worker (Varghese & Lauck's hashed timing wheel): to start and to cancel one costs
/// the same with ten and with a hundred thousand, where a QTimer each would be searched. Resolution 100 ms: a deadline
/// is met up to one tick late, never early. Lives on its worker's thread.
class TimingWheel final
{
public:
    static constexpr std::chrono::milliseconds kTick{ 100 };

    /// What the wheel's time is. How long somebody may be silent is a duration: it stands still while the process does.
    /// When a token ends is a date: it comes at that moment of the wall clock, whether the process runs or not, and
    /// also when somebody sets the clock.
    enum class Measures : quint8
    {
        Durations,
        Dates,
    };
    explicit TimingWheel(const Clock &clock, Measures measures = Measures::Durations);
    ~TimingWheel();
    Q_DISABLE_COPY_MOVE(TimingWheel)

    /// (Re)starts the timer to expire in `delay`.
    void start(WheelTimer &timer, std::chrono::milliseconds delay);
    /// Expires what is due. To be called about once a tick; catches up if it was late. After a stall of more than
    /// kMaxStall (the process was stopped, the machine slept) all durations move by it: peers could not be heard, so
    /// none of them is late. Dates do not: what has ended meanwhile expires at once.
    void advance();
    static constexpr std::chrono::seconds kMaxStall{ 2 };
    /// Ticks that are over: the wheel's own time. Of durations it starts at 0 and stands still during a stall.
    [[nodiscard]] quint64 tick() const { return m_done; }

private:
    static constexpr size_t kSlots = 512;

    /// Of durations since m_begin, of dates since the epoch.
    [[nodiscard]] std::chrono::milliseconds elapsed() const;
    /// The tick of this moment; takes a stall out of the time of durations, and goes back with a wall clock.
    [[nodiscard]] quint64 tickNow();
    static void link(WheelTimer &timer, WheelTimer *&head);
    void expireSlot(quint64 tick);

    const Clock &m_clock;
    const Measures m_measures;
    MonoTime m_begin;
    quint64 m_done = 0; ///< every tick up to this one has been expired
    std::array<WheelTimer *, kSlots> m_slots{};
    WheelTimer *m_due = nullptr; ///< those being expired: a callback may cancel any of them
};

} // namespace gatehouse
