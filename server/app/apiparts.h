// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/guardparts.h"
#include "server/app/monitoringparts.h"

namespace gatehouse {

/// Lets the workers be made before the admin API, which needs them. Nothing listens until the target is set.
class LateRequestHandler final : public RequestHandler
{
public:
    void handle(const HttpRequest &request, Responder respond) override
    {
        m_target->handle(request, std::move(respond));
    }
    void setTarget(RequestHandler *target) { m_target = target; }

private:
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
