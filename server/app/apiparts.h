// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <shared_mutex>

#include "server/app/guardparts.h"
#include "server/app/memorygovernor.h"
#include "server/app/monitoringparts.h"

namespace gatehouse {

/// Lets the workers be made before the admin API, which needs them, and end after it: while there is no target nothing
/// listens, or the server ends.
class LateRequestHandler final : public RequestHandler
{
public:
    [[nodiscard]] Judgement judge(const HttpRequest &request) override;
    /// Null: from now on requests are refused; none is being judged any more. Main thread.
    void setTarget(RequestHandler *target);

private:
    std::shared_mutex m_mutex; ///< guards the target while it judges
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
