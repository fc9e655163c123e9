// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "shared/protocol/adminmessages.h"
#include "shared/util/clock.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// What the alert rules look at, once a second. A plain value.
struct AlertInput
{
    double connectionsPercent = 0; ///< open connections in percent of MAX_CONNECTIONS
    double violationsPerMinute = 0; ///< refusals by limits in the last minute
    double errorsPerMinute = 0;
};

/// The three alerts of the guide as state machines: raised when the value has been above one threshold for long enough, cleared when it has
/// been below another for as long. Pure: no timers, files or sockets. Lives on the main thread.
class AlertEngine final
{
public:
    static constexpr size_t kMaxPast = 1000; ///< cleared alerts that are remembered

    AlertEngine(const Clock &clock, UlidGenerator::Entropy entropy);

    /// The built-in rules: high_connections, rate_limit_violations, errors.
    [[nodiscard]] static std::vector<AlertRule> defaultRules();

    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_rules; }
    /// Replaces thresholds, duration and enabling of the rules with these keys; titles, metrics and help stay. All or nothing: an
    /// unknown or repeated key is an error. Disabling a rule clears its alert at the next evaluate().
    Status setRules(const std::vector<AlertRule> &changed);

    /// Puts back what was saved, newest last.
    void restore(std::vector<Alert> alerts);
    /// Judges the values of this second; answers the alerts that were raised or cleared by it.
    [[nodiscard]] std::vector<Alert> evaluate(const AlertInput &input);
    /// The alert, acknowledged; nullopt if there is none with that id. A second acknowledgement changes nothing.
    std::optional<Alert> acknowledge(const QString &id, const QString &user);

    /// Newest first.
    [[nodiscard]] std::vector<Alert> alerts(bool isActiveOnly) const;

private:
    struct Watch ///< one rule's state
    {
        std::optional<MonoTime> beyondSince; ///< since when the value has been beyond the threshold that matters
    };

    [[nodiscard]] Alert *activeAlert(const QString &rule);
    [[nodiscard]] std::optional<Alert> judge(const AlertRule &rule, Watch &watch, double value);

    const Clock &m_clock;
    UlidGenerator m_ids;
    std::vector<AlertRule> m_rules;
    std::vector<Watch> m_watches; ///< as m_rules
    std::vector<Alert> m_alerts; ///< oldest first
};

} // namespace gatehouse
