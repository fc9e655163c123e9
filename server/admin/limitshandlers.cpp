// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>

#include "server/admin/handlers.h"
#include "server/admin/ifmatch.h"
#include "server/admin/requestparts.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

HttpResponse document(const AdminDependencies &parts)
{
    HttpResponse response = HttpResponse::json(parts.limits.document().toJson());
    response.withHeader("ETag", '"' + QByteArray::number(parts.limits.revision()) + '"');
    return response;
}

HttpResponse limitsFailure(const Error &error)
{
    if (error.field == limiterrors::kRevisionConflict)
        return HttpResponse::problem(
            { 412, u"revision_conflict"_s, u"The limits were changed meanwhile"_s, error.message });
    if (error.field == limiterrors::kNoSuchRevision)
        return notFound(error.message);
    if (error.field == limiterrors::kInvalidLimits)
        return unprocessable(u"invalid_limits"_s, { error });
    return changeUnavailable(error);
}

LimitStore::Done answer(const AdminDependencies &parts, const Responder &respond)
{
    return [&parts, respond](const Result<Revision> &revision) {
        respond(revision ? document(parts) : limitsFailure(revision.error()));
    };
}

void patch(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const Result<std::optional<IfMatch>> match = IfMatch::of(request.http);
    if (!match) {
        respond(HttpResponse::badRequest(match.error()));
        return;
    }
    if (!*match) {
        respond(HttpResponse::problem({ 428, u"precondition_required"_s, u"Precondition required"_s,
            u"send If-Match with the ETag of GET limits, so that nobody's change is overwritten unseen"_s }));
        return;
    }
    const Result<QJsonObject> body = jsonBody(request.http);
    if (!body) {
        respond(HttpResponse::badRequest(body.error()));
        return;
    }
    const Result<QString> note = noteOf(*body);
    if (!note) {
        respond(HttpResponse::badRequest(note.error()));
        return;
    }
    if (!body->value("limits"_L1).isObject()) {
        respond(HttpResponse::badRequest({ u"limits must be an object of limits by name"_s, u"limits"_s }));
        return;
    }
    LimitEdits edits = parseLimitEdits(body->value("limits"_L1).toObject());
    if (!edits.errors.empty()) {
        respond(unprocessable(u"invalid_limits"_s, edits.errors));
        return;
    }
    const std::optional<qint64> expected = (*match)->expected(parts.limits.revision());
    parts.limits.edit(std::move(edits.edits), expected, request.actor(), *note, answer(parts, respond));
}

void restore(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    bool isNumber = false;
    const qint64 revision = request.parameters.value("n"_L1).toLongLong(&isNumber);
    if (!isNumber) {
        respond(notFound(u"there is no revision \"%1\""_s.arg(request.parameters.value("n"_L1).left(32))));
        return;
    }
    const Result<std::optional<IfMatch>> match = IfMatch::of(request.http);
    const Result<QString> note = noteOf(request.http);
    if (!match || !note) {
        respond(HttpResponse::badRequest(match ? note.error() : match.error()));
        return;
    }
    const std::optional<qint64> expected = *match ? (*match)->expected(parts.limits.revision()) : std::nullopt;
    parts.limits.restore(revision, expected, request.actor(), *note, answer(parts, respond));
}

void revisions(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const Result<int> limit = numberParameter(request.http, "limit", 100, 1, 1000);
    if (!limit) {
        respond(HttpResponse::badRequest(limit.error()));
        return;
    }
    parts.limits.revisions(
        textParameter(request.http, "cursor"), *limit, [respond](const Result<LimitStore::Page> &page) {
            if (!page) {
                respond(page.error().field == "cursor"_L1 ? HttpResponse::badRequest(page.error())
                                                          : storeUnavailable(page.error()));
                return;
            }
            QJsonArray array;
            for (const Revision &revision : page->revisions)
                array.append(revision.toJson());
            respond(
                HttpResponse::json({ { "revisions"_L1, array }, { "next_cursor"_L1, cursorValue(page->nextCursor) } }));
        });
}

HttpResponse switchState(bool isGuarding)
{
    return HttpResponse::json({ { "enabled"_L1, isGuarding } });
}

void putSwitch(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const Result<QJsonObject> body = jsonBody(request.http);
    const Result<QString> note = body ? noteOf(*body) : Result<QString>(body.error());
    if (!note) {
        respond(HttpResponse::badRequest(note.error()));
        return;
    }
    if (!body->value("enabled"_L1).isBool()) {
        respond(HttpResponse::badRequest({ u"enabled must be true or false"_s, u"enabled"_s }));
        return;
    }
    parts.limits.setGuarding(
        body->value("enabled"_L1).toBool(), request.actor(), *note, [respond](const Result<bool> &result) {
            respond(result ? switchState(*result) : limitsFailure(result.error()));
        });
}

} // namespace

std::vector<Route> limitsRoutes(const AdminDependencies &parts)
{
    const auto bound = [&parts](void (*handler)(const AdminDependencies &, const AdminRequest &, const Responder &)) {
        return [&parts, handler](
                   const AdminRequest &request, const Responder &respond) { handler(parts, request, respond); };
    };
    return {
        { "GET", paths::kLimits, Role::Viewer, {},
            [&parts](const AdminRequest &, const Responder &respond) { respond(document(parts)); } },
        { "PATCH", paths::kLimits, Role::Operator, { .members = { "limits"_L1, "note"_L1 } }, bound(&patch) },
        { "GET", paths::kRevisions, Role::Viewer, { .query = { "cursor"_L1, "limit"_L1 } }, bound(&revisions) },
        { "POST", paths::kRevisionRestore, Role::Operator, { .members = { "note"_L1 } }, bound(&restore) },
        { "GET", paths::kSwitch, Role::Viewer, {},
            [&parts](const AdminRequest &, const Responder &respond) {
                respond(switchState(parts.limits.snapshot()->isGuarding));
            } },
        { "PUT", paths::kSwitch, Role::Admin, { .members = { "enabled"_L1, "note"_L1 } }, bound(&putSwitch) },
    };
}

} // namespace gatehouse
