// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <span>

#include "server/guard/windowruns.h"

namespace gatehouse {

/// A rolling window for few events, in 20 bytes and without any memory of its own: up to four runs of up to 255 events.
/// Counts, like RollingWindow, never fewer events than there were. While it has room it is exact; then events within 1
/// % of the window share a run; when that is not enough either, it says so. The length is its owner's to know. Pure; a
/// plain value.
class FewRuns final
{
public:
    static constexpr size_t kMost = 4;
    static constexpr quint32 kMostEvents = 255;

    [[nodiscard]] bool isEmpty() const { return m_events[0] == 0; }
    [[nodiscard]] qint64 count() const { return qint64(m_events[0]) + m_events[1] + m_events[2] + m_events[3]; }
    /// Forgets what is not in the window of `length` that ends at `now`. Everything else presumes that this was done.
    void expire(quint32 now, qint32 length);
    /// Adds an event; false, and nothing is added, if it needs more runs or larger ones.
    [[nodiscard]] bool add(quint32 ticks, qint32 length);
    /// Makes room for one more run by joining the two that are closest in time, so that the earlier ones count too long
    /// but none too short; false if no two can be joined.
    [[nodiscard]] bool joinClosest();
    void removeAt(quint32 ticks);
    /// Milliseconds until fewer than `limit` events are in the window; 0 if it is so now.
    [[nodiscard]] qint32 waitUntilBelow(qint64 limit, quint32 now, qint32 length) const;

    /// Copies the runs, the oldest first, and returns how many there are.
    size_t copyTo(std::array<WindowRun, kMost> &runs) const;
    /// Takes over as many runs as it can hold exactly, or none.
    [[nodiscard]] bool assign(std::span<const WindowRun> runs);

private:
    [[nodiscard]] size_t size() const;
    void erase(size_t index);

    std::array<quint32, kMost> m_latest{}; ///< window ticks, the oldest first
    std::array<quint8, kMost> m_events{};  ///< 0 from the first unused on
};

} // namespace gatehouse
