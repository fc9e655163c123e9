// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <time.h>

namespace gatehouse {

/// The processor time that this thread has taken so far: what to hold against a bound on work, as a machine that stalls
/// adds nothing to it.
inline std::chrono::milliseconds threadCpuTime()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

} // namespace gatehouse
