// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <functional>

#include "server/base/memoryaccount.h"
#include "server/base/memorypolicy.h"

namespace gatehouse {

/// The server's memory at one moment, for /metrics and the alerts. A plain value.
struct MemoryStats
{
    qint64 usedBytes = 0;   ///< resident, and the kernel's socket buffers where they count
    qint64 budgetBytes = 0; ///< 0: there is none
    MemoryLevel level = MemoryLevel::Normal;
    std::array<qint64, kMemoryHolderCount> held{}; ///< by MemoryHolder, of all workers

    [[nodiscard]] double percent() const
    {
        return budgetBytes > 0 ? 100.0 * double(usedBytes) / double(budgetBytes) : 0.0;
    }
};
using MemoryStatsSource = std::function<MemoryStats()>;

} // namespace gatehouse
