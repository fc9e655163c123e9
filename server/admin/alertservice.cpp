// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/alertservice.h"

#include <future>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct Saved
{
    std::vector<Alert> alerts;
    std::vector<AlertRule> rules;
};

QString compact(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

QJsonObject objectOf(const QString &text)
{
    return QJsonDocument::fromJson(text.toUtf8()).object();
}

Saved loadSaved(Database &database)
{
    Saved saved;
    Statement rules = database.prepare("SELECT rule FROM alert_rule");
    while (rules.nextRow()) {
        if (Result<AlertRule> rule = AlertRule::fromJson(objectOf(rules.text(0))))
            saved.rules.push_back(std::move(rule).value());
    }
    Statement alerts = database.prepare("SELECT alert FROM alert ORDER BY id");
    while (alerts.nextRow()) {
        if (std::optional<Alert> alert = Alert::fromJson(objectOf(alerts.text(0))))
            saved.alerts.push_back(*std::move(alert));
    }
    return saved;
}

QLatin1StringView eventOf(const Alert &alert)
{
    return alert.isActive() ? "alert_raised"_L1 : "alert_cleared"_L1;
}

} // namespace

AlertService::AlertService(AlertEngine &engine, StoreThread &store, Log &log, AlertWebhook &webhook, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_store(store)
    , m_log(log)
    , m_webhook(webhook)
{
}

Status AlertService::createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, cleared_ms INTEGER, alert TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS alert_rule (key TEXT PRIMARY KEY, rule TEXT NOT NULL) WITHOUT ROWID;");
}

void AlertService::load()
{
    auto promise = std::make_shared<std::promise<Saved>>();
    std::future<Saved> future = promise->get_future();
    m_store.read([promise](Database &database) { promise->set_value(loadSaved(database)); });
    Saved saved = future.get();
    if (Status status = m_engine.setRules(saved.rules); !status)
        m_log.log(LogLevel::Warning, "alert_rules_ignored"_L1, { { "detail"_L1, status.error().message } });
    m_engine.restore(std::move(saved.alerts));
}

void AlertService::deleteOld(UtcTime clearedBefore)
{
    m_store.write([before = toEpochMillis(clearedBefore)](Database &database) {
        return database.prepare("DELETE FROM alert WHERE cleared_ms < ?1").bind(1, before).run();
    });
}

void AlertService::evaluate(const AlertInput &input)
{
    for (const Alert &alert : m_engine.evaluate(input)) {
        m_log.log(LogLevel::Warning, eventOf(alert),
            { { "rule"_L1, alert.rule }, { "value"_L1, alert.value }, { "threshold"_L1, alert.threshold },
                { "id"_L1, alert.id } });
        save(alert);
        m_webhook.post(alert);
        Q_EMIT alertChanged(alert);
    }
}

std::optional<Alert> AlertService::acknowledge(const QString &id, const QString &user)
{
    const std::optional<Alert> alert = m_engine.acknowledge(id, user);
    if (!alert)
        return std::nullopt;
    m_log.log(LogLevel::Info, "alert_acknowledged"_L1,
        { { "rule"_L1, alert->rule }, { "by"_L1, alert->acknowledgedBy }, { "id"_L1, alert->id } });
    save(*alert);
    Q_EMIT alertChanged(*alert);
    return alert;
}

Status AlertService::setRules(const std::vector<AlertRule> &changed)
{
    if (Status status = m_engine.setRules(changed); !status)
        return status;
    m_store.write([rules = m_engine.rules()](Database &database) {
        for (const AlertRule &rule : rules) {
            Status status = database.prepare("INSERT OR REPLACE INTO alert_rule (key, rule) VALUES (?1, ?2)")
                                .bind(1, rule.key)
                                .bind(2, compact(rule.toJson()))
                                .run();
            if (!status)
                return status;
        }
        return ok();
    });
    return ok();
}

void AlertService::save(const Alert &alert)
{
    m_store.write([alert](Database &database) {
        Statement insert = database.prepare("INSERT OR REPLACE INTO alert (id, cleared_ms, alert) VALUES (?1, ?2, ?3)");
        insert.bind(1, alert.id).bind(3, compact(alert.toJson()));
        if (alert.clearedAt)
            insert.bind(2, toEpochMillis(*alert.clearedAt));
        else
            insert.bindNull(2);
        return insert.run();
    });
}

} // namespace gatehouse
