// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse check`: the guide's deployment check. Prints its four lines, each with ✅ or ❌ and the reason, and for a
/// node of a cluster a fifth about Redis, about the server that these settings would start; it may be running. Leaves
/// nothing behind.
[[nodiscard]] Command checkCommand();

} // namespace gatehouse
