// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <shared_mutex>

#include "server/app/guardparts.h"
#include "server/app/memorygovernor.h"
#include "server/app/monitoringparts.h"

namespace gatehouse {

/// Lets the workers be made before the admin API, which needs them, and outlive it: while there is no target, the
/// server starts or ends, and says so. Thread-safe.
class LateRequestHandler final : public RequestHandler
{
public:
    [[nodiscard]] RequestVerdict judge(const HttpRequest &head) override
    {
        const std::shared_lock lock(m_mutex);
        if (m_target)
            return m_target->judge(head);
        return HttpResponse::problem({ 503, QStringLiteral("draining"), QStringLiteral("Draining"),
            QStringLiteral("the server is about to end") });
    }
    /// Waits until nobody judges by the one before.
    void setTarget(RequestHandler *target)
    {
        const std::lock_guard lock(m_mutex);
        m_target = target;
    }

private:
    std::shared_mutex m_mutex; ///< guards what follows
    RequestHandler *m_target = nullptr;
};

/// The admin API over everything else. Lives on the main thread.
class ApiParts final
{
public:
    /// What it works with. All outlives it.
    struct Server
    {
        GuardParts &guards;
        ControlPlane &control;
        Records &records;
        MonitoringParts &monitoring;
        WorkerPool &workers;
        Publisher &publisher;
        StoreThread &store;
        Neighbours &neighbours;
        const MemoryGovernor &memory;
    };
    ApiParts(const Settings &settings, UtcTime startedAt, const Server &server, std::function<Readiness()> readiness,
        const Clock &clock);
    Q_DISABLE_COPY_MOVE(ApiParts)

    [[nodiscard]] AdminApi &api() { return m_api; }

private:
    [[nodiscard]] AdminDependencies dependencies(const Settings &settings, UtcTime startedAt, const Server &server,
        std::function<Readiness()> readiness, const Clock &clock);

    LatencyHistogram m_publishTimes;
    AdminApi m_api;
};

} // namespace gatehouse
