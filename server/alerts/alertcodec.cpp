// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/alerts/alertcodec.h"

#include <QtCore/QJsonArray>

#include "server/alerts/alertservice.h"
#include "server/store/columns.h"
#include "shared/util/isotime.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse::alertcodec {

namespace {

constexpr qsizetype kMaxTextChars = 4096;
constexpr qsizetype kMaxRules = 100;
constexpr QLatin1StringView kRulePrefix("rule:");

Status checkAlert(const QJsonObject &object)
{
    const std::optional<Alert> alert = Alert::fromJson(object);
    if (!alert || !isUlid(alert->id))
        return Error{ u"it is no alert with id and time"_s, u"alert"_s };
    for (const QString &text : { alert->rule, alert->title, alert->acknowledgedBy, alert->node, alert->detail }) {
        if (text.size() > kMaxTextChars)
            return Error{ u"a text of the alert is too long"_s, u"alert"_s };
    }
    for (const QLatin1StringView name : { "cleared_at"_L1, "acknowledged_at"_L1 }) {
        const QJsonValue moment = object.value(name);
        if (!moment.isNull() && !moment.isUndefined() && !parseIso(moment.toString()))
            return Error{ name + " of the alert is no time"_L1, name };
    }
    return ok();
}

Status checkRule(const QJsonObject &object)
{
    const Result<AlertRule> rule = AlertRule::fromJson(object);
    if (!rule)
        return rule.error();
    for (const QString &text : { rule->key, rule->title, rule->metric, rule->help }) {
        if (text.size() > kMaxTextChars)
            return Error{ u"a text of the rule is too long"_s, u"rules"_s };
    }
    return ok();
}

Status check(const QJsonObject &payload)
{
    if (payload.value("alert"_L1).isObject())
        return checkAlert(payload.value("alert"_L1).toObject());
    const QJsonArray rules = payload.value("rules"_L1).toArray();
    if (rules.isEmpty() || rules.size() > kMaxRules)
        return Error{ u"it is neither an alert nor 1 to %1 rules"_s.arg(kMaxRules), {} };
    for (const QJsonValue &rule : rules) {
        if (const Status status = checkRule(rule.toObject()); !status)
            return status;
    }
    return ok();
}

Status checkItem(const QString &id, const QJsonObject &item)
{
    const bool isRule = id.startsWith(kRulePrefix);
    const Status status = isRule ? checkRule(item) : checkAlert(item);
    if (!status)
        return status;
    const QString name = isRule ? kRulePrefix + item.value("key"_L1).toString() : item.value("id"_L1).toString();
    return name == id ? ok() : Status(Error{ u"it is another one than its name says"_s, id });
}

Status store(Database &database, const ControlEntry &entry)
{
    const std::optional<Alert> alert = alertIn(entry.payload);
    if (!alert)
        return storeRules(database, rulesIn(entry.payload));
    Statement row = database.prepare("SELECT alert FROM alert WHERE id = ?1");
    row.bind(1, alert->id);
    std::optional<Alert> known;
    if (row.nextRow())
        known = Alert::fromJson(jsoncolumn::objectIn(row.text(0)));
    row.reset();
    return storeAlert(database, known ? mergedAlert(*known, *alert) : *alert);
}

Status replace(Database &database, const ControlItems &items)
{
    Status status
        = database.execute("DELETE FROM alert WHERE id NOT IN (SELECT id FROM alert_unshared); DELETE FROM alert_rule");
    const Saved saved = savedIn(items);
    if (status)
        status = storeRules(database, saved.rules);
    for (const Alert &alert : saved.alerts) {
        if (status)
            status = store(database, { ControlKind::Alerts, 0, {}, encode(alert).payload });
    }
    return status;
}

Result<ControlItems> read(Database &database)
{
    const Saved saved = load(database);
    ControlItems items;
    for (const Alert &alert : saved.alerts) {
        if (isUlid(alert.id))
            items[alert.id] = alert.toJson();
    }
    for (const AlertRule &rule : saved.rules)
        items[kRulePrefix + rule.key] = rule.toJson();
    return items;
}

} // namespace

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, cleared_ms INTEGER, alert TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS alert_rule (key TEXT PRIMARY KEY, rule TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS alert_unshared (id TEXT PRIMARY KEY) WITHOUT ROWID");
}

Saved load(Database &database)
{
    Saved saved;
    Statement rules = database.prepare("SELECT rule FROM alert_rule");
    while (rules.nextRow()) {
        if (Result<AlertRule> rule = AlertRule::fromJson(jsoncolumn::objectIn(rules.text(0))))
            saved.rules.push_back(std::move(rule).value());
    }
    Statement alerts = database.prepare("SELECT alert FROM alert ORDER BY id");
    while (alerts.nextRow()) {
        if (std::optional<Alert> alert = Alert::fromJson(jsoncolumn::objectIn(alerts.text(0))))
            saved.alerts.push_back(*std::move(alert));
    }
    Statement waiting = database.prepare("SELECT id FROM alert_unshared");
    while (waiting.nextRow())
        saved.waiting.insert(waiting.text(0));
    return saved;
}

Status storeAlert(Database &database, const Alert &alert)
{
    Statement insert = database.prepare("INSERT OR REPLACE INTO alert (id, cleared_ms, alert) VALUES (?1, ?2, ?3)");
    insert.bind(1, alert.id).bind(3, jsoncolumn::ofObject(alert.toJson()));
    if (alert.clearedAt)
        insert.bind(2, toEpochMillis(*alert.clearedAt));
    else
        insert.bindNull(2);
    return insert.run();
}

Status storeRules(Database &database, const std::vector<AlertRule> &rules)
{
    for (const AlertRule &rule : rules) {
        Status status = database.prepare("INSERT OR REPLACE INTO alert_rule (key, rule) VALUES (?1, ?2)")
                            .bind(1, rule.key)
                            .bind(2, jsoncolumn::ofObject(rule.toJson()))
                            .run();
        if (!status)
            return status;
    }
    return ok();
}

Status markWaiting(Database &database, const QString &id)
{
    return database.prepare("INSERT OR IGNORE INTO alert_unshared (id) VALUES (?1)").bind(1, id).run();
}

Status markAppended(Database &database, const QString &id)
{
    return database.prepare("DELETE FROM alert_unshared WHERE id = ?1").bind(1, id).run();
}

const ControlStorage &storage()
{
    static constexpr ControlStorage kStorage{ &check, &checkItem, &store, &replace, &read };
    return kStorage;
}

ControlChange encode(const Alert &alert)
{
    ControlChange change;
    change.kind = ControlKind::Alerts;
    change.payload = { { "alert"_L1, alert.toJson() } };
    change.items.emplace_back(alert.id, alert.toJson());
    return change;
}

ControlChange encode(const std::vector<AlertRule> &rules)
{
    ControlChange change;
    change.kind = ControlKind::Alerts;
    change.payload = rulesJson(rules);
    for (const AlertRule &rule : rules)
        change.items.emplace_back(kRulePrefix + rule.key, rule.toJson());
    return change;
}

std::optional<Alert> alertIn(const QJsonObject &payload)
{
    return Alert::fromJson(payload.value("alert"_L1).toObject());
}

std::vector<AlertRule> rulesIn(const QJsonObject &payload)
{
    std::vector<AlertRule> rules;
    for (const QJsonValue &value : payload.value("rules"_L1).toArray()) {
        if (Result<AlertRule> rule = AlertRule::fromJson(value.toObject()))
            rules.push_back(std::move(rule).value());
    }
    return rules;
}

Saved savedIn(const ControlItems &items)
{
    Saved saved;
    for (const auto &[id, item] : items) {
        if (std::optional<Alert> alert = Alert::fromJson(item); alert && !id.startsWith(kRulePrefix))
            saved.alerts.push_back(*std::move(alert));
        else if (Result<AlertRule> rule = AlertRule::fromJson(item); rule && id.startsWith(kRulePrefix))
            saved.rules.push_back(std::move(rule).value());
    }
    return saved;
}

QJsonObject rulesJson(const std::vector<AlertRule> &rules)
{
    QJsonArray array;
    for (const AlertRule &rule : rules)
        array.append(rule.toJson());
    return { { "rules"_L1, array } };
}

Error noSuchAlert(const QString &id)
{
    return { u"there is no alert %1"_s.arg(id.left(64)), alerterrors::kNoSuchAlert };
}

} // namespace gatehouse::alertcodec
