// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "console/connection/apitypes.h"
#include "shared/limits/limitprofile.h"

namespace gatehouse {

/// A profile, to be staged with one click: also where it does not differ from the defaults, as another one may have
/// been in force. What no profile names stays as it is. Pure.
[[nodiscard]] std::vector<LimitPatch> patchesOf(LimitProfile profile);

} // namespace gatehouse
