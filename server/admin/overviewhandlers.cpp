// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/combinations.h"
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"
#include "server/admin/serverfacts.h"
#include "server/metrics/history.h"
#include "server/metrics/weeklysummary.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::hours kDefaultHistory{ 1 };
constexpr std::chrono::hours kDefaultSummary{ 24 * 7 };
constexpr int kDefaultPoints = 600;

struct TimeRange
{
    UtcTime from{};
    UtcTime to{};
};

Result<TimeRange> rangeOf(const HttpRequest &request, UtcTime now, std::chrono::hours defaultLength)
{
    const Result<std::optional<UtcTime>> to = timeParameter(request, "to");
    if (!to)
        return to.error();
    const Result<std::optional<UtcTime>> from = timeParameter(request, "from");
    if (!from)
        return from.error();
    TimeRange range;
    range.to = to->value_or(now);
    range.from = from->value_or(range.to - defaultLength);
    if (range.from >= range.to)
        return Error{ u"from must be before to"_s, u"from"_s };
    return range;
}

Result<std::vector<Metric>> metricsOf(const HttpRequest &request)
{
    std::vector<Metric> metrics;
    const QString names = textParameter(request, "metrics");
    for (const QString &name : names.split(u',', Qt::SkipEmptyParts)) {
        const MetricDescriptor *descriptor = findMetric(name.trimmed());
        if (!descriptor)
            return Error{ u"there is no metric named \"%1\""_s.arg(name.left(64)), u"metrics"_s };
        metrics.push_back(descriptor->metric);
    }
    if (metrics.empty()) {
        for (const MetricDescriptor &descriptor : metricDescriptors())
            metrics.push_back(descriptor.metric);
    }
    return metrics;
}

Result<HistoryQuery> historyQueryOf(const HttpRequest &request, UtcTime now)
{
    const Result<std::vector<Metric>> metrics = metricsOf(request);
    if (!metrics)
        return metrics.error();
    const Result<TimeRange> range = rangeOf(request, now, kDefaultHistory);
    if (!range)
        return range.error();
    const Result<int> points = numberParameter(request, "points", kDefaultPoints, 1, History::kMaxPoints);
    if (!points)
        return points.error();
    return HistoryQuery{ *metrics, range->from, range->to, *points };
}

void history(const AdminDependencies &parts, const HttpRequest &request, const Responder &respond)
{
    const Result<HistoryQuery> query = historyQueryOf(request, parts.clock.utc());
    const QString node = nodeParameter(request);
    if (!query)
        respond(HttpResponse::badRequest(query.error()));
    else if (!parts.monitoring.hasNode(node))
        respond(nodeNotFound(node));
    else
        parts.monitoring.history(node, *query, [respond](const Result<HistoryReply> &reply) {
            respond(reply ? HttpResponse::json(reply->toJson()) : storeUnavailable(reply.error()));
        });
}

HttpResponse overview(const AdminDependencies &parts, const HttpRequest &request, const Identity &who)
{
    const QString node = nodeParameter(request);
    const std::optional<MonitoringState> state = parts.monitoring.state(node);
    if (!state)
        return nodeNotFound(node);
    Overview result;
    const ServerFacts server{
        .startedAt = parts.startedAt,
        .isGuarding = parts.limits.snapshot()->isGuarding,
        .workers = parts.workers,
        .timeZone = parts.timeZone,
        .unforwarded = parts.aggregator.net().unforwarded,
    };
    result.server = server.toldTo(who);
    result.totals = state->totals;
    result.now = state->frame;
    result.limits = parts.limits.document();
    result.alerts = parts.alerts.alerts(true);
    result.peakConnections = state->peakConnections;
    result.refusalsPerMinute = state->minute.refusals;
    result.addressesNearLimit = state->addressesNearLimit;
    return HttpResponse::json(result.toJson());
}

void summary(const AdminDependencies &parts, const HttpRequest &request, const Responder &respond)
{
    const Result<TimeRange> range = rangeOf(request, parts.clock.utc(), kDefaultSummary);
    if (!range) {
        respond(HttpResponse::badRequest(range.error()));
        return;
    }
    const QString format = textParameter(request, "format");
    if (!format.isEmpty() && format != "json"_L1 && format != "csv"_L1) {
        respond(HttpResponse::badRequest({ u"format must be json or csv"_s, u"format"_s }));
        return;
    }
    const DayRecord today = parts.aggregator.today();
    parts.metricsArchive.loadDays(range->from, range->to,
        [today, range = *range, isCsv = format == "csv"_L1, respond](Result<std::vector<DayRecord>> days) {
            if (!days) {
                respond(storeUnavailable(days.error()));
                return;
            }
            // Today's row in the store is up to ten seconds old.
            std::erase_if(*days, [&today](const DayRecord &day) { return day.begin == today.begin; });
            if (today.begin < range.to)
                days->push_back(today);
            respond(isCsv ? HttpResponse::text(summaryCsv(*days), "text/csv; charset=utf-8")
                          : HttpResponse::json(summaryJson(*days)));
        });
}

} // namespace

std::vector<Route> overviewRoutes(const AdminDependencies &parts)
{
    return {
        { "GET", paths::kOverview, Role::Viewer, { .query = { "node"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) {
                respond(overview(parts, request.http, request.who));
            } },
        { "GET", paths::kHistory, Role::Viewer,
            { .query = { "metrics"_L1, "from"_L1, "to"_L1, "points"_L1, "node"_L1 } },
            [&parts](
                const AdminRequest &request, const Responder &respond) { history(parts, request.http, respond); } },
        acrossNodes({ "GET", paths::kSummary, Role::Viewer, { .query = { "from"_L1, "to"_L1, "format"_L1 } },
                        [&parts](const AdminRequest &request, const Responder &respond) {
                            summary(parts, request.http, respond);
                        } },
            combinations::summaries(), parts),
    };
}

} // namespace gatehouse
