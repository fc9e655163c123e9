// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QtGlobal>

#include "shared/util/clock.h"

namespace gatehouse {

/// Moments as the windows keep them: whole milliseconds modulo 2^32 (49.7 days). Two of them can be compared while they
/// are less than 24.8 days apart, so whoever keeps them longer has to throw out the old ones in time.
namespace windowticks {

/// For "now": rounded down, so that nothing expires early.
[[nodiscard]] inline quint32 ofNow(MonoTime now)
{
    return quint32(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
}
/// For an event: rounded up, so that it never expires early.
[[nodiscard]] inline quint32 ofEvent(MonoTime at)
{
    return quint32(std::chrono::ceil<std::chrono::milliseconds>(at.time_since_epoch()).count());
}
/// Milliseconds from one to the other; negative if `to` is before `from`, as it may be between threads.
[[nodiscard]] inline qint32 between(quint32 from, quint32 to)
{
    return qint32(to - from);
}

} // namespace windowticks

/// Events that expire together, with the latest of them.
struct WindowRun
{
    quint32 latest; ///< window ticks
    quint32 events;
};

/// The part of a window by which an event may be counted longer than it should.
inline constexpr int kWindowPrecision = 100;

} // namespace gatehouse
