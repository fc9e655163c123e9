// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/controlplane.h"

namespace gatehouse {

std::vector<StoreThread::Work> ControlPlane::schemas()
{
    return { &LimitStore::createTables, &AuditLog::createTables, &AccessStore::createTables,
        &AlertService::createTables, &controlplace::createTables };
}

QByteArrayList ControlPlane::guardTables()
{
    return { "access_rule", "limit_revision", "shared_switch", "shared_configured", "limit_configured", "limit_mark" };
}

Status ControlPlane::afterLoss(Database &database)
{
    // In a cluster the others have everything: a node that knows no place in the log takes it all.
    return controlplace::forget(database);
}

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(const Settings &settings, std::unique_ptr<ControlLog> control,
    StoreThread &store, const Clock &clock, Log &log, QObject &anchor)
{
    std::unique_ptr<ControlPlane> plane(new ControlPlane(settings, std::move(control), store, clock, log, anchor));
    if (const Status loaded = plane->load(settings); !loaded)
        return loaded.error();
    return plane;
}

ControlPlane::ControlPlane(const Settings &settings, std::unique_ptr<ControlLog> control, StoreThread &store,
    const Clock &clock, Log &log, QObject &anchor)
    : m_control(std::move(control))
    , m_audit(store, *m_control, anchor)
    , m_limits(store, *m_control, clock, anchor)
    , m_access(store, *m_control, clock, log, anchor)
    , m_alertEngine(clock, UlidGenerator::systemEntropy())
    , m_webhook(QUrl(settings.alertWebhookUrl), log)
    , m_alerts(m_alertEngine, store, *m_control, log, m_webhook)
{
}

ControlPlane::~ControlPlane() = default;

Status ControlPlane::load(const Settings &settings)
{
    Status status = m_access.load(settings.exemptNetworks, settings.ipv6PrefixBits);
    if (status)
        status
            = m_limits.load({ settings.limits, settings.configuredLimits, settings.isGuarding, settings.limitProfile });
    m_isGuarding = m_limits.snapshot()->isGuarding;
    m_alerts.load();
    return status ? m_control->start() : status;
}

void ControlPlane::takeEffectOn(ChannelControl &workers, AdminAuth &adminAuth)
{
    m_limits.setApplyToWorkers([this, &workers](LimitSnapshotPtr snapshot, std::function<void()> done) {
        m_isGuarding = snapshot->isGuarding;
        workers.applyLimits(std::move(snapshot), std::move(done));
    });
    m_access.setApply([&workers, &adminAuth](AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done) {
        adminAuth.setAccess(rules);
        workers.applyAccess(std::move(rules), std::move(added), std::move(done));
    });
    adminAuth.setAccess(m_access.rules());
    workers.applyAccess(m_access.rules(), nullptr, {});
}

void ControlPlane::deleteOld(UtcTime now, std::chrono::days retention)
{
    m_alerts.deleteOld(now - retention);
    m_audit.deleteOld(now, retention);
}

} // namespace gatehouse
