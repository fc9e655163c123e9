// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"

#include "server/metrics/prometheusexposition.h"
#include "shared/protocol/apipaths.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

HttpResponse ready(const Readiness &readiness, const std::optional<ClusterStats> &cluster)
{
    if (readiness.isReady) {
        QJsonObject state{ { "status"_L1, "ready"_L1 } };
        if (cluster) { // without Redis a node goes on serving: a balancer must not take it out for that
            state.insert("redis"_L1, cluster->isRedisUp ? "up"_L1 : "down"_L1);
            state.insert("limits"_L1, cluster->asksPeers ? "shared"_L1 : "local"_L1);
        }
        if (!readiness.stateFile.isEmpty())
            state.insert("state_file"_L1, readiness.stateFile);
        return HttpResponse::json(state);
    }
    Problem problem{ 503, u"not_ready"_s, u"Not ready"_s, readiness.reason };
    return HttpResponse::problem(problem);
}

HttpResponse prometheus(const AdminDependencies &parts)
{
    const PrometheusInput input{
        .sums = parts.aggregator.sums(),
        .trackedAddresses = parts.aggregator.trackedAddresses(),
        .published = parts.aggregator.published(),
        .storeFailures = parts.aggregator.storeFailures(),
        .limits = parts.limits.snapshot()->limits,
        .publishTimes = parts.publishTimes,
        .fanoutTimes = parts.fanoutTimes,
        .storeWriteTimes = parts.storeWriteTimes,
        .cluster = parts.clusterStats(),
        .ingest = parts.ingestStats ? parts.ingestStats() : std::nullopt,
        .refusalsNotLogged = parts.decisions.notLogged(),
        .refusalsNotStored = parts.decisions.notStored(),
        .refusalsNotKept = parts.decisions.skipped(),
        .memory = parts.memory ? parts.memory() : MemoryStats{},
        .net = parts.aggregator.net(),
    };
    return HttpResponse::text(prometheusText(input, readProcessStats()), kPrometheusContentType);
}

/// The totals of all nodes, or of the one that is asked for, in the form that an endpoint answers them.
HttpResponse totals(const AdminDependencies &parts, const HttpRequest &request,
    const std::function<QJsonObject(const DailyTotals &)> &format)
{
    const QString node = nodeParameter(request);
    const std::optional<MonitoringState> state = parts.monitoring.state(node);
    return state ? HttpResponse::json(format(state->totals)) : nodeNotFound(node);
}

} // namespace

std::vector<Route> healthRoutes(const AdminDependencies &parts)
{
    return {
        { "GET", paths::kHealth, std::nullopt, { .isForProbes = true },
            [](const AdminRequest &, const Responder &respond) {
                respond(HttpResponse::json({ { "status"_L1, "ok"_L1 } }));
            } },
        { "GET", paths::kReady, std::nullopt, { .isForProbes = true },
            [&parts](const AdminRequest &, const Responder &respond) {
                respond(ready(parts.readiness(), parts.clusterStats()));
            } },
        { "GET", paths::kPrometheus, parts.hasPublicMetrics ? std::nullopt : std::optional(Role::Viewer),
            { .isForProbes = true },
            [&parts](const AdminRequest &, const Responder &respond) { respond(prometheus(parts)); } },
    };
}

std::vector<Route> monitoringRoutes(const AdminDependencies &parts)
{
    return {
        { "GET", paths::kMonitoringMetrics, Role::Viewer, { .query = { "node"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) {
                respond(totals(
                    parts, request.http, [&parts](const DailyTotals &now) { return now.toJson(parts.clock.utc()); }));
            } },
        { "GET", paths::kMonitoringActive, Role::Viewer, { .query = { "node"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) {
                respond(totals(parts, request.http, [&parts](const DailyTotals &now) {
                    return QJsonObject{
                        { "active_connections"_L1, now.activeConnections },
                        { "timestamp"_L1, isoSeconds(parts.clock.utc()) },
                    };
                }));
            } },
    };
}

} // namespace gatehouse
