// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>

#include <QtCore/QObject>

#include "server/alerts/alertengine.h"
#include "server/alerts/alertwebhook.h"
#include "server/control/auditlog.h"
#include "server/control/controllog.h"
#include "server/log/log.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// Codes that an AlertService's Error carries in its `field`, besides those of AlertEngine::setRules().
namespace alerterrors {

inline constexpr QLatin1StringView kNoSuchAlert("no_such_alert");

} // namespace alerterrors

/// The alert engine with everything around it: rules and alerts are saved and loaded, and every change is logged,
/// announced and posted to the webhook. Lives on the main thread.
///
/// In a cluster (share()) rules and alerts are those of all nodes. Rules and acknowledgements are changed through the
/// control log, and errors may be controlerrors::kUnavailable. Each node raises and clears alerts of its own, at once
/// and whether Redis is there or not; others learn of them through the log, then or later. Only the node that raised
/// one posts to the webhook.
class AlertService final : public QObject, public ControlParticipant
{
    Q_OBJECT

public:
    using AlertDone = std::function<void(const Result<Alert> &)>;
    using RulesDone = std::function<void(const Status &)>;

    AlertService(AlertEngine &engine, StoreThread &store, Log &log, AlertWebhook &webhook, QObject *parent = nullptr);
    ~AlertService() override;

    /// For StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);
    /// Before load(). The log outlives this.
    void share(ControlLog &log);
    /// Waits for the store thread: for start-up only.
    void load();
    /// Queues the deletion of alerts that were cleared before; at start and once an hour.
    void deleteOld(UtcTime clearedBefore);

    void evaluate(const AlertInput &input);
    /// With an audit entry.
    void acknowledge(const QString &id, const Actor &actor, UtcTime now, AlertDone done);
    /// With an audit entry; all or nothing, as AlertEngine::setRules().
    void changeRules(const std::vector<AlertRule> &changed, const Actor &actor, UtcTime now, RulesDone done);

    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override;
    void takeItems(const ControlItems &items, std::function<void()> done) override;
    void joined() override;

    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_engine.rules(); }
    [[nodiscard]] std::vector<Alert> alerts(bool isActiveOnly) const { return m_engine.alerts(isActiveOnly); }

Q_SIGNALS:
    /// Raised, cleared or acknowledged.
    void alertChanged(const gatehouse::Alert &alert);

private:
    struct Shared;

    void save(const Alert &alert);
    void setRules(const std::vector<AlertRule> &changed, AuditEntry audit, const RulesDone &done);
    void logAcknowledged(const Alert &alert);

    void shareAlert(const QString &id);
    void sendNext();
    void sent(const Alert &alert, const Result<ControlEntry> &appended);
    void acknowledgeShared(const QString &id, const AuditEntry &audit, AlertDone done, int attempt);
    void setRulesShared(const std::vector<AlertRule> &changed, const AuditEntry &audit, RulesDone done, int attempt);

    AlertEngine &m_engine;
    StoreThread &m_store;
    Log &m_log;
    AlertWebhook &m_webhook;
    std::unique_ptr<Shared> m_shared; ///< null without a cluster
};

} // namespace gatehouse
