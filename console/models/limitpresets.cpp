// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitpresets.h"

namespace gatehouse {

std::vector<LimitPatch> patchesOf(LimitProfile profile)
{
    std::vector<LimitPatch> patches;
    for (const auto &[key, value] : limitProfile(profile).values)
        patches.push_back({ QString(limitDescriptor(key).name), value, LimitMode::Enforce });
    return patches;
}

} // namespace gatehouse
