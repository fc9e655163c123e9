// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse test`: the guide's connection test against a running server. Prints its four lines, each with ✅ or ❌ and
/// the reason. Needs a QCoreApplication.
[[nodiscard]] Command testCommand();

} // namespace gatehouse
