// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/alerts/alertengine.h"

#include <algorithm>
#include <set>

using namespace Qt::StringLiterals;

namespace gatehouse {

AlertEngine::AlertEngine(const Clock &clock, UlidGenerator::Entropy entropy)
    : m_clock(clock)
    , m_ids(std::move(entropy))
    , m_rules(defaultRules())
    , m_watches(m_rules.size())
{
}

std::vector<AlertRule> AlertEngine::defaultRules()
{
    std::vector<AlertRule> rules;
    for (const AlertRuleDescriptor &row : alertRuleDescriptors())
        rules.push_back(
            { row.key, row.title, row.metric, row.help, row.raiseAbove, row.clearBelow, row.holdFor, row.isEnabled });
    return rules;
}

Alert mergedAlert(Alert first, const Alert &second)
{
    if (!first.clearedAt)
        first.clearedAt = second.clearedAt;
    if (!first.acknowledgedAt) {
        first.acknowledgedAt = second.acknowledgedAt;
        first.acknowledgedBy = second.acknowledgedBy;
    }
    return first;
}

Result<std::vector<AlertRule>> AlertEngine::changedRules(const std::vector<AlertRule> &changed) const
{
    std::vector<AlertRule> rules = m_rules;
    std::set<QString> seen;
    for (const AlertRule &change : changed) {
        const auto rule = std::find_if(
            rules.begin(), rules.end(), [&change](const AlertRule &candidate) { return candidate.key == change.key; });
        if (rule == rules.end())
            return Error{ u"there is no alert rule \"%1\""_s.arg(change.key), u"key"_s };
        if (!seen.insert(change.key).second)
            return Error{ u"the alert rule \"%1\" comes twice"_s.arg(change.key), u"key"_s };
        const AlertRule within = change.clamped(); // an earlier version may have stored it
        rule->raiseAbove = within.raiseAbove;
        rule->clearBelow = within.clearBelow;
        rule->holdFor = within.holdFor;
        rule->isEnabled = within.isEnabled;
    }
    return rules;
}

Status AlertEngine::setRules(const std::vector<AlertRule> &changed)
{
    Result<std::vector<AlertRule>> rules = changedRules(changed);
    if (!rules)
        return rules.error();
    m_rules = std::move(rules).value();
    for (Watch &watch : m_watches)
        watch = {};
    return ok();
}

Status AlertEngine::adoptRules(std::vector<AlertRule> rules)
{
    std::erase_if(rules, [this](const AlertRule &rule) {
        return std::none_of(
            m_rules.begin(), m_rules.end(), [&rule](const AlertRule &known) { return known.key == rule.key; });
    });
    const Result<std::vector<AlertRule>> changed = changedRules(rules);
    if (!changed)
        return changed.error();
    const auto isSame = [](const AlertRule &one, const AlertRule &other) { return one.toJson() == other.toJson(); };
    return std::equal(changed->begin(), changed->end(), m_rules.begin(), m_rules.end(), isSame) ? ok()
                                                                                                : setRules(rules);
}

void AlertEngine::restore(std::vector<Alert> alerts)
{
    m_alerts = std::move(alerts);
}

std::optional<Alert> AlertEngine::merge(const Alert &alert)
{
    // Ids are in the order of time: those of other nodes find their place among the own ones.
    const auto place = std::lower_bound(m_alerts.begin(), m_alerts.end(), alert,
        [](const Alert &one, const Alert &other) { return one.id < other.id; });
    if (place == m_alerts.end() || place->id != alert.id) {
        m_alerts.insert(place, alert);
        return alert;
    }
    const Alert merged = mergedAlert(*place, alert);
    if (merged == *place)
        return std::nullopt;
    *place = merged;
    return merged;
}

const Alert *AlertEngine::find(const QString &id) const
{
    const auto found
        = std::find_if(m_alerts.begin(), m_alerts.end(), [&id](const Alert &alert) { return alert.id == id; });
    return found == m_alerts.end() ? nullptr : &*found;
}

std::vector<Alert> AlertEngine::evaluate(const AlertInput &input)
{
    std::vector<Alert> changed;
    for (size_t i = 0; i < m_rules.size(); ++i) {
        if (std::optional<Alert> alert = judge(m_rules[i], m_watches[i], alertRuleDescriptors()[i], input))
            changed.push_back(*std::move(alert));
    }
    const auto isPast = [](const Alert &alert) { return !alert.isActive(); };
    while (size_t(std::count_if(m_alerts.begin(), m_alerts.end(), isPast)) > kMaxPast) {
        const auto oldest = std::find_if(m_alerts.begin(), m_alerts.end(), isPast);
        if (m_forgotten.size() < kMaxPast)
            m_forgotten.push_back(oldest->id);
        m_alerts.erase(oldest);
    }
    return changed;
}

std::optional<Alert> AlertEngine::judge(
    const AlertRule &rule, Watch &watch, const AlertRuleDescriptor &row, const AlertInput &input)
{
    const double value = input.*row.value;
    Alert *active = activeAlert(rule.key);
    if (active && !rule.isEnabled) {
        active->clearedAt = m_clock.utc();
        return *active;
    }
    // Between the two thresholds nothing changes: that is the hysteresis.
    const bool isBeyond = rule.isEnabled && (active ? value < rule.clearBelow : value > rule.raiseAbove);
    if (!isBeyond) {
        watch.beyondSince.reset();
        return active ? goOn(*active, watch, row, input) : std::nullopt;
    }
    const MonoTime now = m_clock.monotonic();
    if (!watch.beyondSince)
        watch.beyondSince = now;
    if (now - *watch.beyondSince < rule.holdFor)
        return std::nullopt;
    watch.beyondSince.reset();
    if (active) {
        active->clearedAt = m_clock.utc();
        return *active;
    }
    Alert alert;
    alert.raisedAt = m_clock.utc();
    alert.id = m_ids.next(alert.raisedAt);
    alert.rule = rule.key;
    alert.title = rule.title;
    alert.value = value;
    alert.threshold = rule.raiseAbove;
    alert.node = m_node;
    if (row.detail)
        alert.detail = (input.*row.detail).left(kMaxDetailChars);
    watch.toldAt = now;
    m_alerts.push_back(alert);
    return alert;
}

std::optional<Alert> AlertEngine::goOn(
    Alert &active, Watch &watch, const AlertRuleDescriptor &row, const AlertInput &input) const
{
    if (!row.detail || input.*row.value <= active.threshold)
        return std::nullopt;
    const QString detail = (input.*row.detail).left(kMaxDetailChars);
    const MonoTime now = m_clock.monotonic();
    if (detail == active.detail || (watch.toldAt && now - *watch.toldAt < kDetailInterval))
        return std::nullopt;
    watch.toldAt = now;
    active.detail = detail;
    return active;
}

Alert *AlertEngine::activeAlert(const QString &rule)
{
    const auto found = std::find_if(m_alerts.rbegin(), m_alerts.rend(),
        [this, &rule](const Alert &alert) { return alert.isActive() && alert.rule == rule && alert.node == m_node; });
    return found == m_alerts.rend() ? nullptr : &*found;
}

std::vector<Alert> AlertEngine::alerts(bool isActiveOnly) const
{
    std::vector<Alert> result;
    std::copy_if(m_alerts.rbegin(), m_alerts.rend(), std::back_inserter(result),
        [isActiveOnly](const Alert &alert) { return alert.isActive() || !isActiveOnly; });
    return result;
}

} // namespace gatehouse
