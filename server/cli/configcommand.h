// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse config`: every setting, its value and where it came from; secrets masked. Touches nothing.
[[nodiscard]] Command configCommand();

} // namespace gatehouse
