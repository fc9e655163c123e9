// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/alerts/alertservice.h"

#include <algorithm>
#include <future>

#include <QtCore/QJsonArray>
#include <QtCore/QPointer>

#include "server/alerts/alertcodec.h"
#include "server/base/onthread.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QLatin1StringView eventOf(const Alert &alert)
{
    return alert.isActive() ? "alert_raised"_L1 : "alert_cleared"_L1;
}

LogLevel levelOf(const Alert &alert)
{
    return alertSeverity(alert.rule) == AlertSeverity::Information ? LogLevel::Info : LogLevel::Warning;
}

} // namespace

AlertService::AlertService(
    AlertEngine &engine, StoreThread &store, ControlLog &control, Log &log, AlertWebhook &webhook)
    : m_engine(engine)
    , m_store(store)
    , m_control(control)
    , m_log(log)
    , m_webhook(webhook)
{
    m_engine.setNode(m_control.node());
    m_control.attach(ControlKind::Alerts, alertcodec::storage(), this);
}

AlertService::~AlertService()
{
    m_control.leave(ControlKind::Alerts);
}

Status AlertService::createTables(Database &database)
{
    const Status status = AuditLog::createTables(database);
    return status ? alertcodec::createTables(database) : status;
}

void AlertService::load()
{
    auto promise = std::make_shared<std::promise<alertcodec::Saved>>();
    std::future<alertcodec::Saved> future = promise->get_future();
    m_store.read([promise](Database &database) { promise->set_value(alertcodec::load(database)); });
    alertcodec::Saved saved = future.get();
    if (Status status = m_engine.setRules(saved.rules); !status) {
        m_log.log(LogLevel::Warning, "alert_rules_ignored"_L1, { { "detail"_L1, status.error().message } });
        adopt(saved.rules); // those that are known here hold all the same
    }
    for (Alert &alert : saved.alerts) {
        if (alert.node.isEmpty() || m_control.node().isEmpty()) // of when it was, or now that it is, a server alone
            alert.node = m_control.node();
    }
    m_unsent = saved.waiting;
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
    const std::vector<Alert> changed = m_engine.evaluate(input);
    for (const Alert &alert : changed) {
        m_log.log(levelOf(alert), eventOf(alert),
            { { "rule"_L1, alert.rule }, { "value"_L1, alert.value }, { "threshold"_L1, alert.threshold },
                { "id"_L1, alert.id } });
        save(alert);
        m_webhook.post(alert);
        Q_EMIT alertChanged(alert);
        m_unsent.insert(alert.id);
    }
    // What could not be appended before is tried again, unless it would only fail again.
    if (!changed.empty() || m_store.isHealthy())
        sendNext();
}

/// It may be a while until it can be appended, and nothing but the state file outlives the process.
void AlertService::save(const Alert &alert)
{
    m_store.write([alert](Database &database) {
        const Status status = alertcodec::storeAlert(database, alert);
        return status ? alertcodec::markWaiting(database, alert.id) : status;
    });
}

void AlertService::joined()
{
    m_isSending = false;
    // Later: a server alone starts also if an alert of its last run cannot be stored now.
    postTo(*this, [this] { sendNext(); });
}

/// One at a time, so that each is made from what came before.
void AlertService::sendNext()
{
    while (!m_unsent.empty() && !m_engine.find(*m_unsent.begin()))
        m_unsent.erase(m_unsent.begin()); // forgotten meanwhile
    if (m_isSending || m_unsent.empty() || !m_control.isAvailable())
        return;
    m_isSending = true;
    const Alert alert = *m_engine.find(*m_unsent.begin());
    ControlChange change = alertcodec::encode(alert);
    change.expectedVersion = m_control.version(ControlKind::Alerts);
    for (const QString &id : m_engine.takeForgotten())
        change.items.emplace_back(id, std::nullopt);
    m_control.append(std::move(change), [this, alert, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (self)
            sent(alert, appended);
    });
}

void AlertService::sent(const Alert &alert, const Result<ControlEntry> &appended)
{
    m_isSending = false;
    if (!appended && appended.error().field != controlerrors::kConflict)
        return; // until the next evaluation
    const Alert *now = m_engine.find(alert.id);
    if (appended && now && *now == alert) {
        m_unsent.erase(alert.id);
        m_store.write([id = alert.id](Database &database) { return alertcodec::markAppended(database, id); });
    }
    sendNext();
}

void AlertService::acknowledge(const QString &id, const Actor &actor, const QString &note, UtcTime now, AlertDone done)
{
    propose(id, { .at = now, .actor = actor, .action = u"alert.acknowledge"_s, .target = id, .note = note }, done, 1);
}

void AlertService::propose(const QString &id, const AuditEntry &audit, const AlertDone &done, int attempt)
{
    const Alert *known = m_engine.find(id);
    if (!known) {
        done(alertcodec::noSuchAlert(id));
        return;
    }
    Alert acknowledged;
    acknowledged.acknowledgedAt = audit.at;
    acknowledged.acknowledgedBy = audit.actor.user;
    const Alert alert = mergedAlert(*known, acknowledged);
    ControlChange change = alertcodec::encode(alert);
    change.payload.insert("audit"_L1, QJsonArray{ audit.toControlJson() });
    change.expectedVersion = m_control.version(ControlKind::Alerts);
    m_control.append(std::move(change), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isToBeMadeAnew(appended, attempt)) {
            propose(id, audit, done, attempt + 1);
            return;
        }
        if (appended)
            m_log.log(LogLevel::Info, "alert_acknowledged"_L1,
                { { "rule"_L1, alert.rule }, { "by"_L1, alert.acknowledgedBy }, { "id"_L1, alert.id } });
        done(appended ? Result<Alert>(alert) : changeError(appended.error()));
    });
}

void AlertService::changeRules(
    const std::vector<AlertRule> &changed, const Actor &actor, const QString &note, UtcTime now, RulesDone done)
{
    propose(changed, { .at = now, .actor = actor, .action = u"alerts.rules"_s, .note = note }, done, 1);
}

void AlertService::propose(
    const std::vector<AlertRule> &changed, const AuditEntry &audit, const RulesDone &done, int attempt)
{
    const Result<std::vector<AlertRule>> rules = m_engine.changedRules(changed);
    if (!rules) {
        done(rules.error());
        return;
    }
    AuditEntry entry = audit;
    entry.before = alertcodec::rulesJson(m_engine.rules());
    entry.after = alertcodec::rulesJson(*rules);
    ControlChange change = alertcodec::encode(*rules);
    change.payload.insert("audit"_L1, QJsonArray{ entry.toControlJson() });
    change.expectedVersion = m_control.version(ControlKind::Alerts);
    m_control.append(std::move(change), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isToBeMadeAnew(appended, attempt))
            propose(changed, audit, done, attempt + 1);
        else
            done(appended ? ok() : Status(changeError(appended.error())));
    });
}

void AlertService::adopt(const std::vector<AlertRule> &rules)
{
    if (const Status status = m_engine.adoptRules(rules); !status)
        m_log.log(LogLevel::Warning, "alert_rules_ignored"_L1, { { "detail"_L1, status.error().message } });
}

void AlertService::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done)
{
    for (const ControlEntry &entry : entries) {
        if (const std::optional<Alert> alert = alertcodec::alertIn(entry.payload)) {
            const std::optional<Alert> merged = m_engine.merge(*alert);
            if (merged)
                Q_EMIT alertChanged(*merged);
        } else {
            adopt(alertcodec::rulesIn(entry.payload));
        }
    }
    done();
}

/// Of its own alerts a node knows more than others: those that are active or not sent yet stay, and are sent.
void AlertService::takeItems(const ControlItems &items, std::function<void()> done)
{
    const alertcodec::Saved saved = alertcodec::savedIn(items);
    std::vector<Alert> own;
    for (const Alert &alert : m_engine.alerts(false)) {
        if (alert.node == m_control.node() && (alert.isActive() || m_unsent.contains(alert.id)))
            own.push_back(alert);
    }
    const std::vector<Alert> before = m_engine.alerts(false);
    m_engine.restore(saved.alerts);
    for (const Alert &alert : own) {
        if (!m_engine.find(alert.id))
            save(alert);
        if (m_engine.merge(alert))
            m_unsent.insert(alert.id);
    }
    adopt(saved.rules);
    for (const Alert &alert : m_engine.alerts(false)) {
        if (std::find(before.begin(), before.end(), alert) == before.end())
            Q_EMIT alertChanged(alert);
    }
    done();
}

} // namespace gatehouse
