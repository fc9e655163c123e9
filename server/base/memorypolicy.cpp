// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/base/memorypolicy.h"

#include <algorithm>

namespace gatehouse::memorypolicy {

namespace {

int boundOf(MemoryLevel level)
{
    switch (level) {
    case MemoryLevel::Normal:
        break;
    case MemoryLevel::DropDroppable:
        return kDropPercent;
    case MemoryLevel::CutSlow:
        return kCutPercent;
    case MemoryLevel::RefuseNewcomers:
        return kRefusePercent;
    }
    return 0;
}

} // namespace

MemoryLevel levelFor(qint64 usedBytes, qint64 budgetBytes, MemoryLevel before)
{
    if (budgetBytes <= 0)
        return MemoryLevel::Normal;
    const double percent = 100.0 * double(usedBytes) / double(budgetBytes);
    for (const MemoryLevel level : { MemoryLevel::RefuseNewcomers, MemoryLevel::CutSlow, MemoryLevel::DropDroppable }) {
        const int bound = boundOf(level) - (before >= level ? kLeavePercent : 0);
        if (percent >= double(bound))
            return level;
    }
    return MemoryLevel::Normal;
}

qint64 bytesToCut(qint64 usedBytes, qint64 budgetBytes, MemoryLevel level)
{
    if (level < MemoryLevel::CutSlow)
        return 0;
    return std::max<qint64>(0, usedBytes - budgetBytes / 100 * kDropPercent);
}

qint64 defaultBudget(std::optional<qint64> cgroupLimitBytes)
{
    return cgroupLimitBytes ? *cgroupLimitBytes / 5 * 4 : 0;
}

} // namespace gatehouse::memorypolicy
