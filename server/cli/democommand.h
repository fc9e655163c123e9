// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse demo`: synthetic clients for a server on this machine, some of which break the limits, so that the charts
/// move. Runs until SIGINT, SIGTERM or --for. Needs a QCoreApplication.
[[nodiscard]] Command demoCommand();

} // namespace gatehouse
