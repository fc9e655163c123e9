// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>

#include "shared/limits/limitprofile.h"

namespace gatehouse {

/// What settings said: the limits that were set there, the switch, and where other values come from. A plain value.
struct LimitConfiguration
{
    std::map<LimitKey, LimitValue> limits;
    bool isGuarding = true;
    LimitProfile profile = LimitProfile::Guide;

    friend bool operator==(const LimitConfiguration &, const LimitConfiguration &) = default;
};

/// What the limits become when the configuration is not what it was: what is set otherwise takes its value. What is set
/// no more takes that of the profile, and so does what never was and is as the profile before had it; unless someone
/// has changed it since.
[[nodiscard]] LimitSet withConfiguration(
    const LimitSet &current, const LimitConfiguration &before, const LimitConfiguration &configured);

/// What this process's settings say, beside what is known of earlier starts: finds out what is news. A setting is news
/// if this process's last start had another, and no other node has brought it: so neither a further node nor a rolling
/// restart undoes what was changed live since. A plain value.
struct ConfigurationNews
{
    LimitConfiguration configured;
    std::optional<LimitConfiguration> own;    ///< what this process's settings said when they last had their way
    std::optional<LimitConfiguration> common; ///< what any node's said last
    bool isSettled = false;                   ///< `configured` has had its way

    /// The limits with what is news on top.
    [[nodiscard]] LimitSet over(const LimitSet &current) const;
    [[nodiscard]] bool isSwitchNews() const;
    /// Where values come from that are set nowhere.
    [[nodiscard]] LimitProfile profile() const;
    /// What `common` is after this process.
    [[nodiscard]] LimitConfiguration merged() const;

private:
    [[nodiscard]] std::map<LimitKey, LimitValue> known() const;
    [[nodiscard]] LimitProfile profileBefore() const;
    [[nodiscard]] bool isProfileNews() const;
};

} // namespace gatehouse
