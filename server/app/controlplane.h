// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "server/access/accessstore.h"
#include "server/admin/adminauth.h"
#include "server/alerts/alertservice.h"
#include "server/channel/channelcontrol.h"
#include "server/config/settings.h"
#include "server/control/auditlog.h"
#include "server/control/controlreplica.h"
#include "server/limits/limitstore.h"
#include "server/log/log.h"

namespace gatehouse {

/// What operators change while the server runs, and the audit of it, over one control log. Lives on the main thread.
class ControlPlane final
{
public:
    /// What the tables of it are made by, for StoreThread::start().
    [[nodiscard]] static std::vector<StoreThread::Work> schemas();
    /// The tables without which somebody might get in who must not: bans, exemptions, limits, switch.
    [[nodiscard]] static QByteArrayList guardTables();
    /// Puts right what is left when rows of some tables are missing.
    [[nodiscard]] static Status afterLoss(Database &database);
    /// Loads everything, waiting for the store; what settings say otherwise than at the last start is in force. Store,
    /// clock and log outlive it, and `anchor` (an object of the main thread) the store.
    [[nodiscard]] static Result<std::unique_ptr<ControlPlane>> open(const Settings &settings,
        std::unique_ptr<ControlLog> control, StoreThread &store, const Clock &clock, Log &log, QObject &anchor);
    ~ControlPlane();
    Q_DISABLE_COPY_MOVE(ControlPlane)

    [[nodiscard]] AuditLog &audit() { return m_audit; }
    [[nodiscard]] LimitStore &limits() { return m_limits; }
    [[nodiscard]] AccessStore &access() { return m_access; }
    [[nodiscard]] AlertService &alerts() { return m_alerts; }

    /// Has what is in force take effect on workers and admin API, at once and whenever it changes. Before anybody is
    /// listened to; both outlive every change.
    void takeEffectOn(ChannelControl &workers, AdminAuth &adminAuth);
    /// The switch. Any thread.
    [[nodiscard]] bool isGuarding() const { return m_isGuarding; }

    /// Queues the deletion of what is older; at start and once an hour.
    void deleteOld(UtcTime now, std::chrono::days retention);

private:
    ControlPlane(const Settings &settings, std::unique_ptr<ControlLog> control, StoreThread &store, const Clock &clock,
        Log &log, QObject &anchor);
    [[nodiscard]] Status load(const Settings &settings);

    std::unique_ptr<ControlLog> m_control;
    AuditLog m_audit;
    LimitStore m_limits;
    AccessStore m_access;
    AlertEngine m_alertEngine;
    AlertWebhook m_webhook;
    AlertService m_alerts;
    std::atomic<bool> m_isGuarding{ true };
};

} // namespace gatehouse
