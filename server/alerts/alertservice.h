// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <set>

#include <QtCore/QObject>

#include "server/alerts/alertengine.h"
#include "server/alerts/alertwebhook.h"
#include "server/control/auditlog.h"
#include "server/control/controllog.h"
#include "server/log/log.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// Codes that an AlertService's Error carries in its `field`, besides those of AlertEngine::setRules() and
/// controlerrors.
namespace alerterrors {

inline constexpr QLatin1StringView kNoSuchAlert("no_such_alert");

} // namespace alerterrors

/// The alert engine with everything around it: rules and alerts are saved and loaded, and every change is logged,
/// announced and posted to the webhook. Lives on the main thread. Store and control log outlive it.
///
/// Rules and acknowledgements are changed through the control log: proposed, stored, carried out, answered. Errors are
/// those of controlerrors then. An alert is raised and cleared by the process that sees it, at once and whether the log
/// can be appended to or not; it is appended then or later. Only who raised one posts to the webhook.
class AlertService final : public QObject, public ControlParticipant
{
    Q_OBJECT

public:
    using AlertDone = std::function<void(const Result<Alert> &)>;
    using RulesDone = std::function<void(const Status &)>;

    AlertService(AlertEngine &engine, StoreThread &store, ControlLog &control, Log &log, AlertWebhook &webhook);
    ~AlertService() override;

    /// For StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);
    /// Waits for the store thread: for start-up only.
    void load();
    /// Queues the deletion of alerts that were cleared before; at start and once an hour.
    void deleteOld(UtcTime clearedBefore);

    void evaluate(const AlertInput &input);
    /// With an audit entry.
    void acknowledge(const QString &id, const Actor &actor, const QString &note, UtcTime now, AlertDone done);
    /// With an audit entry; all or nothing, as AlertEngine::setRules().
    void changeRules(
        const std::vector<AlertRule> &changed, const Actor &actor, const QString &note, UtcTime now, RulesDone done);

    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override;
    void takeItems(const ControlItems &items, std::function<void()> done) override;
    void joined() override;

    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_engine.rules(); }
    [[nodiscard]] std::vector<Alert> alerts(bool isActiveOnly) const { return m_engine.alerts(isActiveOnly); }

Q_SIGNALS:
    /// Raised, cleared or acknowledged.
    void alertChanged(const gatehouse::Alert &alert);

private:
    void save(const Alert &alert);
    void sendNext();
    void sent(const Alert &alert, const Result<ControlEntry> &appended);
    void propose(const QString &id, const AuditEntry &audit, const AlertDone &done, int attempt);
    void propose(const std::vector<AlertRule> &changed, const AuditEntry &audit, const RulesDone &done, int attempt);
    void adopt(const std::vector<AlertRule> &rules);

    AlertEngine &m_engine;
    StoreThread &m_store;
    ControlLog &m_control;
    Log &m_log;
    AlertWebhook &m_webhook;
    std::set<QString> m_unsent; ///< own alerts that have changed, and are to be appended
    bool m_isSending = false;
};

} // namespace gatehouse
