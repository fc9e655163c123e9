// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>

#include <QtCore/QJsonArray>

#include "server/alerts/alertserviceparts.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

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

AlertService::~AlertService()
{
    if (m_shared)
        m_shared->log.leave(ControlKind::Alerts);
}

Status AlertService::createTables(Database &database)
{
    const Status status = AuditLog::createTables(database);
    return status ? alertcontrol::createTables(database) : status;
}

void AlertService::load()
{
    auto promise = std::make_shared<std::promise<alertcontrol::Saved>>();
    std::future<alertcontrol::Saved> future = promise->get_future();
    m_store.read([promise](Database &database) { promise->set_value(alertcontrol::load(database)); });
    alertcontrol::Saved saved = future.get();
    if (Status status = m_engine.setRules(saved.rules); !status)
        m_log.log(LogLevel::Warning, "alert_rules_ignored"_L1, { { "detail"_L1, status.error().message } });
    if (m_shared) {
        for (Alert &alert : saved.alerts) {
            if (alert.node.isEmpty()) // of when it was a server of its own
                alert.node = m_shared->log.node();
        }
        m_shared->unsent = saved.unshared;
    }
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
        if (m_shared)
            shareAlert(alert.id);
    }
}

void AlertService::acknowledge(const QString &id, const Actor &actor, UtcTime now, AlertDone done)
{
    AuditEntry audit{ now, actor, u"alert.acknowledge"_s, id };
    if (m_shared) {
        acknowledgeShared(id, audit, std::move(done), 1);
        return;
    }
    const std::optional<Alert> alert = m_engine.acknowledge(id, actor.user);
    if (!alert) {
        done(alertcontrol::noSuchAlert(id));
        return;
    }
    logAcknowledged(*alert);
    save(*alert);
    Q_EMIT alertChanged(*alert);
    m_store.write([audit](Database &database) { return AuditLog::insert(database, audit); });
    done(*alert);
}

void AlertService::logAcknowledged(const Alert &alert)
{
    m_log.log(LogLevel::Info, "alert_acknowledged"_L1,
        { { "rule"_L1, alert.rule }, { "by"_L1, alert.acknowledgedBy }, { "id"_L1, alert.id } });
}

void AlertService::changeRules(const std::vector<AlertRule> &changed, const Actor &actor, UtcTime now, RulesDone done)
{
    AuditEntry audit{ now, actor, u"alerts.rules"_s };
    if (m_shared)
        setRulesShared(changed, audit, std::move(done), 1);
    else
        setRules(changed, std::move(audit), done);
}

void AlertService::setRules(const std::vector<AlertRule> &changed, AuditEntry audit, const RulesDone &done)
{
    audit.before = alertcontrol::rulesJson(m_engine.rules());
    const Status status = m_engine.setRules(changed);
    if (status) {
        audit.after = alertcontrol::rulesJson(m_engine.rules());
        m_store.write(
            [rules = m_engine.rules()](Database &database) { return alertcontrol::storeRules(database, rules); });
        m_store.write([audit](Database &database) { return AuditLog::insert(database, audit); });
    }
    done(status);
}

void AlertService::save(const Alert &alert)
{
    m_store.write([alert, isShared = m_shared != nullptr](Database &database) {
        const Status status = alertcontrol::storeAlert(database, alert);
        return status && isShared ? alertcontrol::markUnshared(database, alert.id) : status;
    });
}

} // namespace gatehouse
