// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>

#include "server/guard/windowruns.h"

namespace gatehouse {

/// Counts events in a rolling window: never fewer than there were in any window of that length. The first kExactRuns
/// events are remembered to the millisecond; beyond them, events within 1 % of the window share one entry that expires
/// with its latest, so that an event may be counted up to 1 % of the window longer, and memory stays bounded at about
/// 220 entries of 8 bytes whatever the limit. Owns no memory before the first event. Windows of up to ten days. Pure.
class RollingWindow final
{
public:
    static constexpr quint32 kExactRuns = 16;

    explicit RollingWindow(std::chrono::milliseconds length)
        : m_lengthMillis(quint32(length.count()))
    {
    }
    /// Takes over what a smaller record knows: runs, the oldest first, none older than `newest` minus the length.
    RollingWindow(std::chrono::milliseconds length, std::span<const WindowRun> runs, MonoTime newest);

    /// Another one that knows the same: for a look that changes nothing.
    [[nodiscard]] RollingWindow copy() const { return { std::chrono::milliseconds(m_lengthMillis), runs(), m_newest }; }

    /// Events that a shorter window let go do not come back with a longer one.
    void setLength(std::chrono::milliseconds length) { m_lengthMillis = quint32(length.count()); }
    /// How many events are in the window that ends now.
    [[nodiscard]] qint64 count(MonoTime now);
    void add(MonoTime now);
    /// Takes back the event that was added at `at`, not a window ago.
    void remove(MonoTime at) { removeAt(windowticks::ofEvent(at)); }
    void removeAt(quint32 ticks);
    /// How long until fewer than `limit` events are in the window; zero if it is so now.
    [[nodiscard]] std::chrono::milliseconds waitUntilBelow(qint64 limit, MonoTime now);
    /// Whether nothing is in the window, so that the object carries no information.
    [[nodiscard]] bool isEmpty(MonoTime now) { return count(now) == 0; }

    /// Whether an event that is added now takes more memory.
    [[nodiscard]] bool growsWith(MonoTime now);
    [[nodiscard]] size_t growthBytes() const { return (grownCapacity() - m_capacity) * sizeof(WindowRun); }
    /// Makes room for one more run by joining the two that are closest in time: the earlier one's events count longer,
    /// none shorter.
    void joinClosest();

    [[nodiscard]] std::span<const WindowRun> runs() const { return { m_runs.get(), m_size }; }
    /// What it owns on the heap.
    [[nodiscard]] size_t heapBytes() const { return m_capacity * sizeof(WindowRun); }

private:
    static constexpr quint32 kFirstCapacity = 8;

    [[nodiscard]] bool joinsLatest(quint32 ticks) const;
    [[nodiscard]] quint32 grownCapacity() const { return m_capacity == 0 ? kFirstCapacity : m_capacity * 2; }
    void append(WindowRun run);
    void reserve(quint32 capacity);
    void eraseRuns(quint32 first, quint32 count);

    std::unique_ptr<WindowRun[]> m_runs; ///< oldest first
    MonoTime m_newest{}; ///< when it is a window old everything is, however far the ticks have wrapped since
    quint32 m_lengthMillis;
    quint32 m_count = 0; ///< the sum over the runs
    quint32 m_size = 0;
    quint32 m_capacity = 0;
};

} // namespace gatehouse
