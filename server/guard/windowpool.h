// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/guard/rollingwindow.h"

namespace gatehouse {

/// The windows of those entries of one shard that need more than FewRuns, known by numbers that count from 1. Keeps to
/// a number of bytes: where it is used up, windows do not grow but become less precise, to the strict side. Not
/// thread-safe.
class WindowPool final
{
public:
    WindowPool(std::chrono::milliseconds length, size_t mostBytes)
        : m_length(length)
        , m_mostBytes(mostBytes)
    {
    }

    /// Of every window from now on.
    void setLength(std::chrono::milliseconds length);
    /// Whether another window may be taken.
    [[nodiscard]] bool hasRoom() const;
    /// Makes a window of runs, and room for it whatever hasRoom() says.
    [[nodiscard]] quint32 take(std::span<const WindowRun> runs, MonoTime newest);
    void give(quint32 number);
    void add(quint32 number, MonoTime now);
    [[nodiscard]] RollingWindow &operator[](quint32 number) { return m_windows[number - 1]; }
    [[nodiscard]] const RollingWindow &operator[](quint32 number) const { return m_windows[number - 1]; }
    /// What it owns on the heap.
    [[nodiscard]] size_t bytes() const;

private:
    [[nodiscard]] size_t nextCapacity() const { return m_windows.capacity() + m_windows.capacity() / 2 + 4; }

    std::chrono::milliseconds m_length;
    size_t m_mostBytes;
    std::vector<RollingWindow> m_windows;
    std::vector<quint32>
        m_free;            ///< numbers that were given back; as large as m_windows, so that giving back never allocates
    size_t m_runBytes = 0; ///< what the windows own
};

} // namespace gatehouse
