// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/bench/benchplan.h"
#include "server/cli/options.h"
#include "server/config/settings.h"

namespace gatehouse {

/// The options of `gatehouse bench`, for its usage text and for parsing.
[[nodiscard]] const std::vector<OptionDescriptor> &benchOptions();

/// Whether the server speaks Gatehouse's contract, so that the settings (secret, ALLOWED_HOSTS) matter. An unknown
/// --contract counts as Gatehouse's and is readBenchPlan()'s to refuse.
[[nodiscard]] bool isGatehouseContract(const Options &options);

/// Everything that the options say; `settings` give the defaults of address and Origin. Tokens are left out. The error
/// names the option. Looks names up.
[[nodiscard]] Result<bench::BenchPlan> readBenchPlan(
    bench::ModeKey mode, const Options &options, const Settings &settings);
/// The processes of --pid; the error names the option.
[[nodiscard]] Result<bench::ProcessUsage> readProcesses(const Options &options);

} // namespace gatehouse
