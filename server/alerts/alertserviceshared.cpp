// SPDX-License-Identifier: GPL-3.0-or-later
// AlertService in a cluster: what is changed goes through the control log.
#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QPointer>

#include "server/alerts/alertserviceparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool isConflict(const Result<ControlEntry> &appended, int attempt)
{
    return !appended && appended.error().field == controlerrors::kConflict && attempt < kMaxControlAttempts;
}

Error unavailable(const Error &error)
{
    return { error.message, controlerrors::kUnavailable };
}

} // namespace

void AlertService::share(ControlLog &log)
{
    m_shared = std::make_unique<Shared>(Shared{ log, {}, false });
    m_engine.setNode(log.node());
    log.attach(ControlKind::Alerts, alertcontrol::storage(), this);
}

void AlertService::joined()
{
    m_shared->isSending = false;
    sendNext();
}

void AlertService::shareAlert(const QString &id)
{
    m_shared->unsent.insert(id);
    sendNext();
}

/// One at a time, so that each is made from what came before.
void AlertService::sendNext()
{
    Shared &shared = *m_shared;
    while (!shared.unsent.empty() && !m_engine.find(*shared.unsent.begin()))
        shared.unsent.erase(shared.unsent.begin()); // forgotten meanwhile
    if (shared.isSending || shared.unsent.empty() || !shared.log.isAvailable())
        return;
    shared.isSending = true;
    const Alert alert = *m_engine.find(*shared.unsent.begin());
    ControlChange change = alertcontrol::encode(alert);
    change.expectedVersion = shared.log.version(ControlKind::Alerts);
    for (const QString &id : m_engine.takeForgotten())
        change.items.emplace_back(id, std::nullopt);
    shared.log.append(std::move(change), [this, alert, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (self)
            sent(alert, appended);
    });
}

void AlertService::sent(const Alert &alert, const Result<ControlEntry> &appended)
{
    Shared &shared = *m_shared;
    shared.isSending = false;
    if (!appended && appended.error().field != controlerrors::kConflict)
        return; // until the node joins again, or the next alert
    const Alert *now = m_engine.find(alert.id);
    if (appended && now && *now == alert) {
        shared.unsent.erase(alert.id);
        m_store.write([id = alert.id](Database &database) { return alertcontrol::markShared(database, id); });
    }
    sendNext();
}

void AlertService::acknowledgeShared(const QString &id, const AuditEntry &audit, AlertDone done, int attempt)
{
    const Alert *known = m_engine.find(id);
    if (!known) {
        done(alertcontrol::noSuchAlert(id));
        return;
    }
    Alert acknowledged;
    acknowledged.acknowledgedAt = audit.at;
    acknowledged.acknowledgedBy = audit.actor.user;
    const Alert alert = mergedAlert(*known, acknowledged);
    ControlChange change = alertcontrol::encode(alert);
    change.payload.insert("audit"_L1, QJsonArray{ audit.toControlJson() });
    change.expectedVersion = m_shared->log.version(ControlKind::Alerts);
    m_shared->log.append(std::move(change), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isConflict(appended, attempt)) {
            acknowledgeShared(id, audit, done, attempt + 1);
            return;
        }
        if (appended)
            logAcknowledged(alert);
        done(appended ? Result<Alert>(alert) : Result<Alert>(unavailable(appended.error())));
    });
}

void AlertService::setRulesShared(
    const std::vector<AlertRule> &changed, const AuditEntry &audit, RulesDone done, int attempt)
{
    const Result<std::vector<AlertRule>> rules = m_engine.changedRules(changed);
    if (!rules) {
        done(rules.error());
        return;
    }
    AuditEntry entry = audit;
    entry.before = alertcontrol::rulesJson(m_engine.rules());
    entry.after = alertcontrol::rulesJson(*rules);
    ControlChange change = alertcontrol::encode(*rules);
    change.payload.insert("audit"_L1, QJsonArray{ entry.toControlJson() });
    change.expectedVersion = m_shared->log.version(ControlKind::Alerts);
    m_shared->log.append(std::move(change), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isConflict(appended, attempt))
            setRulesShared(changed, audit, done, attempt + 1);
        else
            done(appended ? ok() : Status(unavailable(appended.error())));
    });
}

void AlertService::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done)
{
    for (const ControlEntry &entry : entries) {
        if (const std::optional<Alert> alert = alertcontrol::alertIn(entry.payload)) {
            const std::optional<Alert> merged = m_engine.merge(*alert);
            if (merged)
                Q_EMIT alertChanged(*merged);
        } else if (const Status status = m_engine.adoptRules(alertcontrol::rulesIn(entry.payload)); !status) {
            m_log.log(LogLevel::Warning, "alert_rules_ignored"_L1, { { "detail"_L1, status.error().message } });
        }
    }
    done();
}

/// Of its own alerts a node knows more than others: those that are active or not sent yet stay, and are sent.
void AlertService::takeItems(const ControlItems &items, std::function<void()> done)
{
    Shared &shared = *m_shared;
    const alertcontrol::Saved saved = alertcontrol::savedIn(items);
    std::vector<Alert> own;
    for (const Alert &alert : m_engine.alerts(false)) {
        if (alert.node == shared.log.node() && (alert.isActive() || shared.unsent.contains(alert.id)))
            own.push_back(alert);
    }
    const std::vector<Alert> before = m_engine.alerts(false);
    m_engine.restore(saved.alerts);
    for (const Alert &alert : own) {
        if (!m_engine.find(alert.id))
            save(alert);
        if (m_engine.merge(alert))
            shared.unsent.insert(alert.id);
    }
    if (const Status status = m_engine.adoptRules(saved.rules); !status)
        m_log.log(LogLevel::Warning, "alert_rules_ignored"_L1, { { "detail"_L1, status.error().message } });
    for (const Alert &alert : m_engine.alerts(false)) {
        if (std::find(before.begin(), before.end(), alert) == before.end())
            Q_EMIT alertChanged(alert);
    }
    done();
}

} // namespace gatehouse
