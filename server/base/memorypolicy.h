// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <optional>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// How near the process is to its memory budget, and so what it does about it. Each level does what those before it do.
enum class MemoryLevel : quint8
{
    Normal,
    DropDroppable,   ///< what may be dropped is, for whoever has not taken the rest; nobody stays awake for long
    CutSlow,         ///< slow consumers are cut, those first that hold most for longest
    RefuseNewcomers, ///< nobody new is let in
};

/// What everybody may know of the memory. Written by the governor alone; any thread reads it.
struct MemoryState
{
    std::atomic<MemoryLevel> level{ MemoryLevel::Normal };
    std::atomic<qint64> usedBytes{ 0 };   ///< resident, and socket buffers where they count
    std::atomic<qint64> budgetBytes{ 0 }; ///< 0: there is none

    [[nodiscard]] bool isAtLeast(MemoryLevel other) const { return level.load(std::memory_order_relaxed) >= other; }
};

/// Decides what to do for the memory. Pure: it knows neither the process nor the time. Bounds are in percent of the
/// budget; a level that was reached is left only once the use is a little lower, so that it does not flap.
namespace memorypolicy {

inline constexpr int kDropPercent = 80;
inline constexpr int kCutPercent = 88;
inline constexpr int kRefusePercent = 95;
inline constexpr int kLeavePercent = 4; ///< so much below its bound a level is left

/// `budgetBytes` 0 is no budget.
[[nodiscard]] MemoryLevel levelFor(qint64 usedBytes, qint64 budgetBytes, MemoryLevel before);
/// How much has to be given up to be well below the level at which slow consumers are cut; 0 at lower levels.
[[nodiscard]] qint64 bytesToCut(qint64 usedBytes, qint64 budgetBytes, MemoryLevel level);
/// Four fifths of what the cgroup allows: the rest is for the kernel's socket buffers, and for what grows between two
/// looks. 0 where there is no such limit.
[[nodiscard]] qint64 defaultBudget(std::optional<qint64> cgroupLimitBytes);

} // namespace memorypolicy

} // namespace gatehouse
