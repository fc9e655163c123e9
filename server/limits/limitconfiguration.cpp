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

LimitSet withConfiguration(const LimitSet &current, const std::map<LimitKey, LimitValue> &before,
    const std::map<LimitKey, LimitValue> &configured)
{
    LimitSet limits = current;
    const LimitSet defaults;
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const auto was = before.find(descriptor.key);
        const auto now = configured.find(descriptor.key);
        const bool wasConfigured = was != before.end();
        if (now != configured.end()) {
            if (!wasConfigured || was->second != now->second)
                limits[descriptor.key] = now->second;
        } else if (wasConfigured && limits[descriptor.key] == was->second) {
            limits[descriptor.key] = defaults[descriptor.key];
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
    return isSettled ? current : withConfiguration(current, known(), configured.limits);
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
    return all;
}

} // namespace gatehouse
