// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "console/connection/apitypes.h"

/// Limits that go together, to be staged with one click.
namespace gatehouse::limitpresets {

[[nodiscard]] std::vector<LimitPatch> strict();
/// As the guide has it: 10 connections per address, 120 messages a minute.
[[nodiscard]] std::vector<LimitPatch> highTraffic();

} // namespace gatehouse::limitpresets
