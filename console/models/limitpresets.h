// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "console/connection/apitypes.h"
#include "shared/limits/limitprofile.h"

namespace gatehouse {

/// What a profile names, to be staged with one click. Pure.
[[nodiscard]] std::vector<LimitPatch> patchesOf(LimitProfile profile);

} // namespace gatehouse
