// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace gatehouse {

/// Wall-clock time, UTC, for what people read and for what must survive a restart. May jump.
using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// Time for windows, deadlines and rates. Never jumps; means nothing outside the process.
using MonoTime = std::chrono::steady_clock::time_point;

/// Where time comes from. Everything that depends on time is handed a Clock, so that tests can turn its hands.
/// Implementations are safe to call from any thread.
class Clock
{
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual MonoTime monotonic() const = 0;
    [[nodiscard]] virtual UtcTime utc() const = 0;
};

} // namespace gatehouse
