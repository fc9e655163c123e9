// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/access/accessstore.h"
#include "server/alerts/alertservice.h"
#include "server/base/nodeidentity.h"
#include "server/config/settings.h"
#include "server/control/auditlog.h"
#include "server/control/controlreplica.h"
#include "server/control/localcontrollog.h"
#include "server/limits/limitstore.h"
#include "server/log/log.h"

namespace gatehouse {

/// What operators change while the server runs, and the audit of it, over one control log: that of this process alone,
/// or with REDIS_URL the one that it has in common with other nodes. Lives on the main thread.
class ControlPlane final
{
public:
    /// What the tables of it are made by, for StoreThread::start().
    [[nodiscard]] static std::vector<StoreThread::Work> schemas();
    /// Loads everything, waiting for the store; what settings say otherwise than at the last start is in force. Store,
    /// clock and log outlive it, and `anchor` (an object of the main thread) the store.
    [[nodiscard]] static Result<std::unique_ptr<ControlPlane>> open(const Settings &settings, const NodeIdentity &self,
        StoreThread &store, const Clock &clock, Log &log, QObject &anchor);
    ~ControlPlane();
    Q_DISABLE_COPY_MOVE(ControlPlane)

    [[nodiscard]] AuditLog &audit() { return *m_audit; }
    [[nodiscard]] LimitStore &limits() { return *m_limits; }
    [[nodiscard]] AccessStore &access() { return *m_access; }
    [[nodiscard]] AlertService &alerts() { return *m_alerts; }
    /// Reads on in the log that nodes have in common, once it can be reached. With REDIS_URL alone.
    void join(ControlTransport &transport) { m_replica->start(transport); }

    /// Queues the deletion of what is older; at start and once an hour.
    void deleteOld(UtcTime now, std::chrono::days retention);
    /// Nothing is changed any more through the log of all nodes.
    void stop();

private:
    ControlPlane(const Settings &settings, const NodeIdentity &self, StoreThread &store, const Clock &clock, Log &log,
        QObject &anchor);
    [[nodiscard]] ControlLog &controlLog();
    [[nodiscard]] Status load(const Settings &settings);

    // Either of these is the log.
    std::unique_ptr<LocalControlLog> m_local;
    std::unique_ptr<ControlReplica> m_replica;
    std::unique_ptr<AuditLog> m_audit;
    std::unique_ptr<LimitStore> m_limits;
    std::unique_ptr<AccessStore> m_access;
    AlertEngine m_alertEngine;
    AlertWebhook m_webhook;
    std::unique_ptr<AlertService> m_alerts;
};

} // namespace gatehouse
