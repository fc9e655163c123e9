// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/limits/limitconfiguration.h"

namespace gatehouse {

namespace {

bool says(const std::optional<LimitConfiguration> &configuration, LimitKey key, const LimitValue &value)
{
    if (!configuration)
        return false;
    const auto found = configuration->limits.find(key);
    return found != configuration->limits.end() && found->second == value;
}

} // namespace

LimitSet withConfiguration(
    const LimitSet &current, const LimitConfiguration &before, const LimitConfiguration &configured)
{
    LimitSet limits = current;
    const LimitProfileDescriptor &oldProfile = limitProfile(before.profile);
    const LimitProfileDescriptor &profile = limitProfile(configured.profile);
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const auto was = before.limits.find(descriptor.key);
        const auto now = configured.limits.find(descriptor.key);
        const bool wasConfigured = was != before.limits.end();
        LimitValue &limit = limits[descriptor.key];
        if (now != configured.limits.end()) {
            if (!wasConfigured || was->second != now->second)
                limit = now->second;
        } else if (wasConfigured && limit == was->second) {
            limit = { profile.valueOf(descriptor.key), LimitMode::Enforce };
        } else if (!wasConfigured && limit.value == oldProfile.valueOf(descriptor.key)) {
            limit.value = profile.valueOf(descriptor.key);
        }
    }
    return limits;
}

/// What withConfiguration() is to take as having been configured before.
std::map<LimitKey, LimitValue> ConfigurationNews::known() const
{
    std::map<LimitKey, LimitValue> known = own ? own->limits : std::map<LimitKey, LimitValue>();
    for (const auto &[key, value] : configured.limits) {
        if (says(own, key, value) || says(common, key, value))
            known[key] = value;
        else
            known.erase(key);
    }
    return known;
}

LimitSet ConfigurationNews::over(const LimitSet &current) const
{
    if (isSettled)
        return current;
    return withConfiguration(current, { known(), true, profileBefore() }, { configured.limits, true, profile() });
}

LimitProfile ConfigurationNews::profileBefore() const
{
    return common ? common->profile : own ? own->profile : LimitProfile::Guide;
}

bool ConfigurationNews::isProfileNews() const
{
    return profileBefore() != configured.profile && (!own || own->profile != configured.profile);
}

LimitProfile ConfigurationNews::profile() const
{
    return isProfileNews() ? configured.profile : profileBefore();
}

bool ConfigurationNews::isSwitchNews() const
{
    return (!own || own->isGuarding != configured.isGuarding)
        && (!common || common->isGuarding != configured.isGuarding);
}

LimitConfiguration ConfigurationNews::merged() const
{
    LimitConfiguration all = common.value_or(LimitConfiguration());
    for (const auto &[key, value] : own ? own->limits : std::map<LimitKey, LimitValue>()) {
        if (!configured.limits.contains(key) && says(common, key, value))
            all.limits.erase(key);
    }
    const std::map<LimitKey, LimitValue> before = known();
    for (const auto &[key, value] : configured.limits) {
        if (!before.contains(key) || !all.limits.contains(key))
            all.limits[key] = value;
    }
    if (isSwitchNews())
        all.isGuarding = configured.isGuarding;
    all.profile = profile();
    return all;
}

} // namespace gatehouse
