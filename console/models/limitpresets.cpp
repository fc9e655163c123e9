// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitpresets.h"

#include <algorithm>

namespace gatehouse {

namespace {

/// Whether profiles differ in it, or another one of theirs means nothing without it.
bool isOfProfiles(LimitKey key)
{
    const auto &profiles = limitProfiles();
    return key == LimitKey::ReconnectWindow
        || std::any_of(profiles.begin(), profiles.end(), [key](const LimitProfileDescriptor &profile) {
               return std::any_of(profile.values.begin(), profile.values.end(),
                   [key](const auto &value) { return value.first == key; });
           });
}

} // namespace

std::vector<LimitPatch> patchesOf(LimitProfile profile)
{
    std::vector<LimitPatch> patches;
    for (const LimitDescriptor &limit : limitDescriptors()) {
        if (isOfProfiles(limit.key))
            patches.push_back({ QString(limit.name), limitProfile(profile).valueOf(limit.key),
                limit.hasMode ? std::optional(LimitMode::Enforce) : std::nullopt });
    }
    return patches;
}

} // namespace gatehouse
