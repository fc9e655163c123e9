// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse token`: prints a JWT signed with the configured secret, and nothing else, on standard output.
[[nodiscard]] Command tokenCommand();

} // namespace gatehouse
