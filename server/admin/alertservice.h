// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "server/admin/alertengine.h"
#include "server/admin/alertwebhook.h"
#include "server/log/log.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// The alert engine with everything around it: rules and alerts are saved and loaded, and every change is logged, announced and posted to
/// the webhook. Lives on the main thread.
class AlertService final : public QObject
{
    Q_OBJECT

public:
    AlertService(AlertEngine &engine, StoreThread &store, Log &log, AlertWebhook &webhook, QObject *parent = nullptr);

    /// For StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);
    /// Waits for the store thread: for start-up only.
    void load();
    /// Queues the deletion of alerts that were cleared before; at start and once an hour.
    void deleteOld(UtcTime clearedBefore);

    void evaluate(const AlertInput &input);
    std::optional<Alert> acknowledge(const QString &id, const QString &user);
    Status setRules(const std::vector<AlertRule> &changed);

    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_engine.rules(); }
    [[nodiscard]] std::vector<Alert> alerts(bool isActiveOnly) const { return m_engine.alerts(isActiveOnly); }

Q_SIGNALS:
    /// Raised, cleared or acknowledged.
    void alertChanged(const gatehouse::Alert &alert);

private:
    void save(const Alert &alert);

    AlertEngine &m_engine;
    StoreThread &m_store;
    Log &m_log;
    AlertWebhook &m_webhook;
};

} // namespace gatehouse
