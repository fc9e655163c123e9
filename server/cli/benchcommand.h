// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/commandline.h"

namespace gatehouse {

/// `gatehouse bench MODE`: measures a running server, ours or another one to compare with. Progress goes to standard
/// error; the result, a table or JSON, to standard output, also after Ctrl+C or when the server goes away in the
/// middle.
[[nodiscard]] Command benchCommand();

} // namespace gatehouse
