// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/alerts/alertruledescriptor.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr AlertBounds kPercent{ 0, 100 };
constexpr AlertBounds kPerMinute{ 0, 1'000'000 };
constexpr AlertBounds kPerHour{ 0, 1'000'000 };
constexpr AlertBounds kNodes{ 0, 1'000 };
constexpr AlertBounds kSeconds{ 0, 86'400 };
constexpr AlertBounds kProblems{ 0, 1'000 };
constexpr AlertBounds kDays{ 0, 1'000 };
constexpr AlertBounds kHold{ 0, 86'400 }; // a day

constexpr std::array<AlertRuleDescriptor, kAlertRuleCount> kRules{ {
    { "high_connections"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "High connection count")),
        "connections_percent"_L1, &AlertInput::connectionsPercent,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "% of the connection limit")), 80, 70, 10s, true,
        { kPercent, kHold }, "Open connections in percent of MAX_CONNECTIONS."_L1 },
    { "rate_limit_violations"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Rate-limit violations")),
        "violations_per_minute"_L1, &AlertInput::violationsPerMinute,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "refusals per minute")), 60, 30, 5s, true,
        { kPerMinute, kHold }, "Connections, reconnects and messages refused by limits in the last minute."_L1 },
    { "errors"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Errors")), "errors_per_minute"_L1,
        &AlertInput::errorsPerMinute, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "errors per minute")), 5,
        1, 5s, true, { kPerMinute, kHold }, "Internal failures in the last minute."_L1 },
    { "node_lost"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Node lost")), "lost_nodes"_L1,
        &AlertInput::lostNodes, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "lost nodes")), 0.5, 0.5, 5s,
        true, { kNodes, kHold },
        "Nodes of the cluster that are not heard of any more and did not say that they end."_L1 },
    { "memory_high"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Memory nearly used up")),
        "memory_percent"_L1, &AlertInput::memoryPercent,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "% of the memory budget")), 85, 75, 5s, true,
        { kPercent, kHold },
        "Memory in percent of MEMORY_BUDGET: slow consumers are cut at 88, newcomers refused at 95."_L1 },
    { "clock_skew"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Clock is off")),
        "clock_skew_seconds"_L1, &AlertInput::clockSkewSeconds,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "seconds")), 2, 1, 10s, true, { kSeconds, kHold },
        "Difference between the clock of this node and that of Redis."_L1 },
    { "state_file"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "State file")), "state_problems"_L1,
        &AlertInput::stateProblems, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "problems")), 0.5, 0.5, 0s,
        true, { kProblems, kHold },
        "The state file cannot be written, is not there, is damaged, or has lost something that nobody has seen to."_L1,
        &AlertInput::stateDetail },
    { "out_of_descriptors"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Out of file descriptors")),
        "closed_for_descriptors_per_minute"_L1, &AlertInput::closedForDescriptorsPerMinute,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "connections closed per minute")), 0.5, 0.5, 5s, true,
        { kPerMinute, kHold }, "Connections closed in the last minute because file descriptors run short."_L1 },
    { "users_refused"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Users refused")),
        "users_refused_per_hour"_L1, &AlertInput::usersRefused,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "refusals of users per hour")), 9, 3, 0s, true,
        { kPerHour, kHold },
        "Connections with a good token that limits refused in the last hour; three addresses count as ten."_L1,
        &AlertInput::usersRefusedDetail },
    { "one_address_holds_all"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "One address holds all")),
        "largest_share_percent"_L1, &AlertInput::largestSharePercent,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "% of the connections")), 80, 70, 60s, true,
        { kPercent, kHold }, "Connections of the address that has most, in percent of all, once it has five."_L1,
        &AlertInput::largestShareDetail },
    { "guards_off"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Guards are off")), "guards_off"_L1,
        &AlertInput::guardsOff, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "guards that are off")), 0.5,
        0.5, 10s, true, { kProblems, kHold },
        "The switch, and the limits on connections, reconnects and messages whose mode is off."_L1,
        &AlertInput::guardsOffDetail },
    { "certificate_expires"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Certificate expires")),
        "certificates_expiring"_L1, &AlertInput::certificatesExpiring,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "certificates")), 0.5, 0.5, 0s, true,
        { kProblems, kHold }, "Certificates of JWT_KEYS_FILE that end within 14 days."_L1,
        &AlertInput::certificatesDetail },
    { "guard_idle"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Guards refuse nobody")),
        "days_without_refusal"_L1, &AlertInput::daysWithoutRefusal,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "days without a refusal")), 30, 1, 0s, true,
        { kDays, kHold },
        "Days since a guard has refused anybody, for whatever reason; 0 where fewer than 3000 clients a day came."_L1,
        &AlertInput::daysWithoutRefusalDetail, AlertSeverity::Information },
} };

} // namespace

const std::array<AlertRuleDescriptor, kAlertRuleCount> &alertRuleDescriptors()
{
    return kRules;
}

QLatin1StringView alertSeverityName(AlertSeverity severity)
{
    return severity == AlertSeverity::Information ? "information"_L1 : "warning"_L1;
}

const AlertRuleDescriptor *findAlertRule(QStringView key)
{
    for (const AlertRuleDescriptor &descriptor : alertRuleDescriptors()) {
        if (descriptor.key == key)
            return &descriptor;
    }
    return nullptr;
}

AlertRuleBounds alertRuleBounds(QStringView key)
{
    const AlertRuleDescriptor *descriptor = findAlertRule(key);
    return descriptor ? descriptor->bounds : AlertRuleBounds{};
}

AlertSeverity alertSeverity(QStringView key)
{
    const AlertRuleDescriptor *descriptor = findAlertRule(key);
    return descriptor ? descriptor->severity : AlertSeverity::Warning;
}

} // namespace gatehouse
