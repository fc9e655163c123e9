// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/controlplane.h"

namespace gatehouse {

std::vector<StoreThread::Work> ControlPlane::schemas()
{
    return { &LimitStore::createTables, &AuditLog::createTables, &AccessStore::createTables,
        &AlertService::createTables, &ControlReplica::createTables };
}

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(const Settings &settings, const NodeIdentity &self,
    StoreThread &store, const Clock &clock, Log &log, QObject &anchor)
{
    std::unique_ptr<ControlPlane> plane(new ControlPlane(settings, self, store, clock, log, anchor));
    if (const Status loaded = plane->load(settings); !loaded)
        return loaded.error();
    return plane;
}

ControlPlane::ControlPlane(const Settings &settings, const NodeIdentity &self, StoreThread &store, const Clock &clock,
    Log &log, QObject &anchor)
    : m_alertEngine(clock, UlidGenerator::systemEntropy())
    , m_webhook(QUrl(settings.alertWebhookUrl), log)
{
    if (settings.redis)
        m_replica = std::make_unique<ControlReplica>(self.name, store, clock, log, anchor, ControlReplica::Timing{});
    else
        m_local = std::make_unique<LocalControlLog>(store, clock, anchor);
    m_audit = std::make_unique<AuditLog>(store, controlLog(), anchor);
    m_limits = std::make_unique<LimitStore>(store, controlLog(), clock, anchor);
    m_access = std::make_unique<AccessStore>(store, controlLog(), clock, anchor);
    m_alerts = std::make_unique<AlertService>(m_alertEngine, store, controlLog(), log, m_webhook);
}

ControlPlane::~ControlPlane() = default;

ControlLog &ControlPlane::controlLog()
{
    return m_replica ? static_cast<ControlLog &>(*m_replica) : *m_local;
}

Status ControlPlane::load(const Settings &settings)
{
    Status status = m_access->load();
    if (status)
        status = m_limits->load({ settings.limits, settings.configuredLimits, settings.isGuarding });
    m_alerts->load();
    if (status && m_replica)
        status = m_replica->load();
    if (status && m_local)
        status = m_local->start();
    return status;
}

void ControlPlane::deleteOld(UtcTime now, std::chrono::days retention)
{
    m_alerts->deleteOld(now - retention);
    m_audit->deleteOld(now, retention);
}

void ControlPlane::stop()
{
    if (m_replica)
        m_replica->stop();
}

} // namespace gatehouse
