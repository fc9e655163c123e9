// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse serve`: runs the server until it is asked to stop. Takes the settings' flags.
[[nodiscard]] Command serveCommand();

} // namespace gatehouse
