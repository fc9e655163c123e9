// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "server/bench/benchreport.h"
#include "shared/util/result.h"

namespace gatehouse::bench {

/// What a bench came to: the report of what was measured, also when it ended with an error.
struct BenchOutcome
{
    BenchReport report;
    std::optional<Error> error;
};

/// Runs a bench from beginning to end on the calling thread, which it occupies. SIGINT and SIGTERM end it cleanly.
/// `progress` is called about once a second with one line.
[[nodiscard]] BenchOutcome runBench(
    const BenchPlan &plan, const ProcessUsage &usage, const std::function<void(const QString &)> &progress);

/// How many connections a plan opens at the same time, publishers and the descriptors that the program needs for itself
/// included.
[[nodiscard]] int descriptorsNeeded(const BenchPlan &plan);

} // namespace gatehouse::bench
