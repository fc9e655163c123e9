// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "shared/alerts/alertruledescriptor.h"
#include "shared/protocol/adminmessages.h"
#include "shared/util/clock.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// Everything that either of two views of the same alert knows: that it was cleared, and the acknowledgement of the
/// first that has one.
[[nodiscard]] Alert mergedAlert(Alert first, const Alert &second);

/// The rules of the table of alert rules as state machines: an alert is raised when the value has been above one
/// threshold for long enough, cleared when it has been below another for as long. Pure: no timers, files or sockets.
/// Lives on the main thread.
class AlertEngine final
{
public:
    static constexpr size_t kMaxPast = 1000; ///< cleared alerts that are remembered
    static constexpr qsizetype kMaxDetailChars = 1000;
    static constexpr std::chrono::seconds kDetailInterval{ 60 }; ///< an active alert says no oftener what else is wrong

    AlertEngine(const Clock &clock, UlidGenerator::Entropy entropy);

    /// As the table of alert rules has them.
    [[nodiscard]] static std::vector<AlertRule> defaultRules();

    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_rules; }
    /// Replaces thresholds, duration and enabling of the rules with these keys; titles, metrics and help stay. Numbers
    /// out of the table's bounds are clamped. All or nothing: an unknown or repeated key is an error. Disabling a rule
    /// clears its alert at the next evaluate().
    Status setRules(const std::vector<AlertRule> &changed);
    /// As setRules(), of what another version may have written: rules that are not known here are left out. Rules that
    /// stay as they are go on.
    Status adoptRules(std::vector<AlertRule> rules);
    /// What setRules() would make of the rules.
    [[nodiscard]] Result<std::vector<AlertRule>> changedRules(const std::vector<AlertRule> &changed) const;

    /// Raises alerts in the name of a node of a cluster, and leaves those of others to them.
    void setNode(const QString &node) { m_node = node; }
    /// Puts back what was saved, newest last.
    void restore(std::vector<Alert> alerts);
    /// Takes over what is known of an alert elsewhere; answers what it is then, or nullopt if that was known.
    std::optional<Alert> merge(const Alert &alert);
    [[nodiscard]] const Alert *find(const QString &id) const;
    /// The ids of past alerts that gave way to newer ones since the last call.
    [[nodiscard]] std::vector<QString> takeForgotten() { return std::exchange(m_forgotten, {}); }
    /// Judges the values of this second; answers the alerts that were raised or cleared by it, or that say now that
    /// something else is wrong.
    [[nodiscard]] std::vector<Alert> evaluate(const AlertInput &input);

    /// Newest first.
    [[nodiscard]] std::vector<Alert> alerts(bool isActiveOnly) const;

private:
    struct Watch ///< one rule's state
    {
        std::optional<MonoTime> beyondSince; ///< since when the value has been beyond the threshold that matters
        std::optional<MonoTime> toldAt;      ///< when the active alert's detail was last told
    };

    [[nodiscard]] Alert *activeAlert(const QString &rule);
    [[nodiscard]] std::optional<Alert> goOn(
        Alert &active, Watch &watch, const AlertRuleDescriptor &row, const AlertInput &input) const;
    [[nodiscard]] std::optional<Alert> judge(
        const AlertRule &rule, Watch &watch, const AlertRuleDescriptor &row, const AlertInput &input);

    const Clock &m_clock;
    UlidGenerator m_ids;
    QString m_node;                 ///< empty without a cluster
    std::vector<AlertRule> m_rules; ///< in the order of the table
    std::vector<Watch> m_watches;   ///< as m_rules
    std::vector<Alert> m_alerts;    ///< oldest first
    std::vector<QString> m_forgotten;
};

} // namespace gatehouse
