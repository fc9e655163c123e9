// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>

#include "server/admin/combinations.h"
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// An hour, and what has passed of its first minute: of whole minutes all is counted.
UtcTime defaultTopFrom(UtcTime end)
{
    return std::chrono::floor<std::chrono::minutes>(end - std::chrono::hours(1));
}

QString totalIs(bool isExact)
{
    return isExact ? u"exact"_s : u"sample"_s;
}

void decisions(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const Result<int> limit = numberParameter(request.http, "limit", 100, 1, 1000);
    const Result<std::optional<UtcTime>> from = timeParameter(request.http, "from");
    const Result<std::optional<UtcTime>> to = timeParameter(request.http, "to");
    if (!limit || !from || !to) {
        respond(HttpResponse::badRequest(!limit ? limit.error() : !from ? from.error() : to.error()));
        return;
    }
    const QString cursor = textParameter(request.http, "cursor");
    if (!cursor.isEmpty() && !isUlid(cursor)) {
        respond(HttpResponse::badRequest({ u"cursor is not one that was given out"_s, u"cursor"_s }));
        return;
    }
    DecisionFilter filter;
    filter.id = textParameter(request.http, "id");
    filter.guard = textParameter(request.http, "guard");
    filter.reason = textParameter(request.http, "reason");
    filter.address = textParameter(request.http, "address");
    filter.user = textParameter(request.http, "user");
    filter.origin = textParameter(request.http, "origin");
    filter.token = textParameter(request.http, "token");
    filter.text = textParameter(request.http, "filter");
    filter.from = *from;
    filter.to = *to;
    parts.decisions.query(filter, cursor, *limit, [respond](const Result<DecisionLog::Page> &page) {
        if (!page) {
            respond(storeUnavailable(page.error()));
            return;
        }
        QJsonArray array;
        for (const Decision &decision : page->decisions)
            array.append(decision.toJson());
        respond(HttpResponse::json({
            { "decisions"_L1, array },
            { "next_cursor"_L1, cursorValue(page->nextCursor) },
            { "total"_L1, page->total },
            { "total_is"_L1, totalIs(page->notStored == 0 && !page->isAtLeast) },
            { "not_stored"_L1, page->notStored },
        }));
    });
}

void topOffenders(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const QByteArray by = request.http.queryValue("by").value_or("address");
    const std::optional<DecisionKey> key = parseDecisionKey(by);
    if (!key) {
        respond(HttpResponse::badRequest({ u"by must be address, user, origin or reason"_s, u"by"_s }));
        return;
    }
    const Result<int> limit = numberParameter(request.http, "limit", 10, 1, 1000);
    const Result<std::optional<UtcTime>> from = timeParameter(request.http, "from");
    const Result<std::optional<UtcTime>> to = timeParameter(request.http, "to");
    if (!limit || !from || !to) {
        respond(HttpResponse::badRequest(!limit ? limit.error() : !from ? from.error() : to.error()));
        return;
    }
    const UtcTime end = to->value_or(parts.clock.utc() + std::chrono::seconds(1));
    parts.decisions.top(
        *key, from->value_or(defaultTopFrom(end)), end, *limit, [respond, by](const Result<DecisionCounts> &counted) {
            if (!counted) {
                respond(storeUnavailable(counted.error()));
                return;
            }
            QJsonArray array;
            for (const DecisionCount &count : counted->counts)
                array.append(QJsonObject{ { "value"_L1, count.value }, { "count"_L1, count.count } });
            respond(HttpResponse::json({ { "by"_L1, QString::fromLatin1(by) }, { "top"_L1, array },
                { "total"_L1, counted->total }, { "total_is"_L1, totalIs(counted->isExact) } }));
        });
}

} // namespace

std::vector<Route> decisionRoutes(const AdminDependencies &parts)
{
    return {
        acrossNodes({ "GET", paths::kDecisions, Role::Viewer,
                        { .query = { "id"_L1, "guard"_L1, "reason"_L1, "address"_L1, "user"_L1, "origin"_L1, "token"_L1,
                              "filter"_L1, "from"_L1, "to"_L1, "cursor"_L1, "limit"_L1 } },
                        [&parts](const AdminRequest &request, const Responder &respond) {
                            decisions(parts, request, respond);
                        } },
            combinations::decisionPages(), parts),
        acrossNodes(
            { "GET", paths::kDecisionsTop, Role::Viewer, { .query = { "by"_L1, "from"_L1, "to"_L1, "limit"_L1 } },
                [&parts](
                    const AdminRequest &request, const Responder &respond) { topOffenders(parts, request, respond); } },
            combinations::topCounts(), parts),
    };
}

} // namespace gatehouse
