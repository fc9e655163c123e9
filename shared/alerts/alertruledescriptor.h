// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>

#include <QtCore/QString>

namespace gatehouse {

/// What the alert rules look at, once a second. A plain value.
struct AlertInput
{
    double connectionsPercent = 0;  ///< open connections in percent of MAX_CONNECTIONS
    double violationsPerMinute = 0; ///< refusals by limits in the last minute
    double errorsPerMinute = 0;
    double lostNodes = 0;                     ///< of the cluster, for the one node that speaks of them
    double memoryPercent = 0;                 ///< what is resident in percent of the memory budget; 0 without one
    double clockSkewSeconds = 0;              ///< how far this machine's clock is from that of all nodes, either way
    double stateProblems = 0;                 ///< of the state file, and what damage to it has cost
    QString stateDetail{};                    ///< what those are, in one sentence
    double closedForDescriptorsPerMinute = 0; ///< connections, in the last minute
    double usersRefused = 0;                  ///< by limits, although their token is good, in the last hour
    QString usersRefusedDetail{};             ///< where most, and what helps
    double largestSharePercent = 0;           ///< of the connections, that one address has
    QString largestShareDetail{};             ///< which one, and what may be wrong
    double guardsOff = 0;                     ///< the switch, and limits of the guide
    QString guardsOffDetail{};                ///< which
    double certificatesExpiring = 0;          ///< of JWT_KEYS_FILE, soon
    QString certificatesDetail{};             ///< which, and when
    double daysWithoutRefusal = 0;            ///< by any guard, while many came
    QString daysWithoutRefusalDetail{};       ///< how many, and what to look at
};

/// How much an alert of a rule asks for.
enum class AlertSeverity : quint8
{
    Warning,     ///< somebody is to do something
    Information, ///< somebody is to know, and may find that all is well
};
[[nodiscard]] QLatin1StringView alertSeverityName(AlertSeverity severity); ///< as on the wire

/// From where to where a number of a rule may go. By default, what any rule may say.
struct AlertBounds
{
    double minimum = 0;
    double maximum = 1e9;

    [[nodiscard]] bool contain(double number) const { return number >= minimum && number <= maximum; }
};

/// Of the numbers of one rule.
struct AlertRuleBounds
{
    AlertBounds threshold{}; ///< raiseAbove and clearBelow
    AlertBounds holdSeconds{};
};

/// One row of the table of alert rules: engine, admin API, console and documentation are derived from it.
struct AlertRuleDescriptor
{
    QLatin1StringView key;     ///< as on the wire
    QLatin1StringView title;   ///< short English text
    QLatin1StringView metric;  ///< what is compared, as on the wire
    double AlertInput::*value; ///< the same, as the engine has it
    QLatin1StringView unit;    ///< of both thresholds; short English text
    double raiseAbove;         ///< by default, as the next three
    double clearBelow;
    std::chrono::seconds holdFor;
    bool isEnabled;
    AlertRuleBounds bounds;
    QLatin1StringView help;                ///< one English sentence
    QString AlertInput::*detail = nullptr; ///< what to say of a value beyond the number; null: nothing
    AlertSeverity severity = AlertSeverity::Warning;
};
inline constexpr size_t kAlertRuleCount = 13;

[[nodiscard]] const std::array<AlertRuleDescriptor, kAlertRuleCount> &alertRuleDescriptors();
/// Finds a row by its key; nullptr if there is none.
[[nodiscard]] const AlertRuleDescriptor *findAlertRule(QStringView key);
/// The widest, if there is no such row: rules of another version are kept as they are.
[[nodiscard]] AlertRuleBounds alertRuleBounds(QStringView key);
/// A warning, if there is no such row.
[[nodiscard]] AlertSeverity alertSeverity(QStringView key);

} // namespace gatehouse
