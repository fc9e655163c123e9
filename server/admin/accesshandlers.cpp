// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>

#include "server/admin/accessrequest.h"
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QLatin1StringView nameOf(AccessList list)
{
    return list == AccessList::Bans ? "bans"_L1 : "exemptions"_L1;
}

HttpResponse accessFailure(const Error &error)
{
    if (error.field == accesserrors::kNoSuchRule)
        return notFound(error.message);
    if (error.field == accesserrors::kListFull)
        return HttpResponse::problem({ 409, u"list_full"_s, u"The list is full"_s, error.message });
    return changeUnavailable(error);
}

/// Which of the two lists is meant, and by whom: what every handler here gets.
struct Call
{
    const AdminDependencies &parts;
    AccessList list;
    const AdminRequest &request;
    const Responder &respond;
};

void list(const Call &call)
{
    const Result<int> limit = numberParameter(call.request.http, "limit", 100, 1, 1000);
    if (!limit) {
        call.respond(HttpResponse::badRequest(limit.error()));
        return;
    }
    const QString cursor = textParameter(call.request.http, "cursor");
    if (!cursor.isEmpty() && !isUlid(cursor)) {
        call.respond(HttpResponse::badRequest({ u"cursor is not one that was given out"_s, u"cursor"_s }));
        return;
    }
    AccessFilter filter;
    filter.text = textParameter(call.request.http, "filter");
    if (const QString kind = textParameter(call.request.http, "kind"); !kind.isEmpty()) {
        filter.kind = parseAccessKind(kind);
        if (!filter.kind) {
            call.respond(HttpResponse::badRequest({ u"kind must be address, cidr, user or token_id"_s, u"kind"_s }));
            return;
        }
    }
    call.parts.access.list(call.list, filter, cursor, *limit,
        [respond = call.respond, name = nameOf(call.list)](const Result<AccessPage> &page) {
            if (!page) {
                respond(storeUnavailable(page.error()));
                return;
            }
            QJsonArray array;
            for (const AccessRule &rule : page->rules)
                array.append(rule.toJson());
            respond(HttpResponse::json(
                { { name, array }, { "total"_L1, page->total }, { "next_cursor"_L1, cursorValue(page->nextCursor) } }));
        });
}

/// Whether a ban would hit who asks for it: by address their connections to the channel, by user or token this API too.
bool bansTheAsker(const AccessRule &rule, const AdminRequest &request, int ipv6PrefixBits)
{
    const Identity &who = request.who;
    const AccessRules alone({ rule }, {}, ipv6PrefixBits);
    return alone.isBanned(AddressKey::of(request.http.client.bucket(ipv6PrefixBits)))
        || alone.judgeToken(who.user, TokenMark(who.tokenId, who.issuedAt));
}

HttpResponse needsForce(Problem problem)
{
    problem.detail += "; say \"force\": true if you mean it"_L1;
    problem.fields.push_back({ problem.detail, u"value"_s });
    return HttpResponse::problem(problem);
}

/// What speaks against a ban that nobody has forced; nullopt if nothing does.
std::optional<HttpResponse> objectionTo(const AccessRule &ban, const Call &call)
{
    AdminAuth &auth = call.parts.auth;
    const bool takesLast = auth.roster().isLastTakenBy(ban, *auth.access(), call.parts.clock.utc());
    if (bansTheAsker(ban, call.request, call.parts.access.ipv6PrefixBits()))
        return needsForce({ 409, u"would_ban_yourself"_s, u"This would ban you"_s,
            u"your own address, user or token is among what this bans"_s
                + (takesLast ? u", and nobody else of ADMIN_USERS is left"_s : QString()) });
    if (takesLast)
        return needsForce({ 409, u"would_ban_last_admin"_s, u"This would ban the last administrator"_s,
            u"nobody of ADMIN_USERS who is not banned would be left"_s });
    return std::nullopt;
}

void put(const Call &call)
{
    const Result<QJsonObject> body = jsonBody(call.request.http);
    if (!body) {
        call.respond(HttpResponse::badRequest(body.error()));
        return;
    }
    AccessRequest asked = parseAccessRequest(call.list, *body, call.parts.sharedClock.utc());
    if (!asked.errors.empty()) {
        call.respond(
            unprocessable(call.list == AccessList::Bans ? u"invalid_ban"_s : u"invalid_exemption"_s, asked.errors));
        return;
    }
    if (call.list == AccessList::Bans && !asked.isForced) {
        if (std::optional<HttpResponse> objection = objectionTo(asked.rule, call)) {
            call.respond(*std::move(objection));
            return;
        }
    }
    call.parts.access.put(call.list, std::move(asked.rule), call.request.actor(),
        [respond = call.respond](const Result<AccessStore::Outcome> &outcome) {
            respond(outcome ? HttpResponse::json(outcome->rule.toJson(), outcome->isNew ? 201 : 200)
                            : accessFailure(outcome.error()));
        });
}

void remove(const Call &call)
{
    const Result<QString> note = noteOf(call.request.http);
    if (!note) {
        call.respond(HttpResponse::badRequest(note.error()));
        return;
    }
    call.parts.access.remove(call.list, call.request.parameters.value("id"_L1), call.request.actor(), *note,
        [respond = call.respond](const Result<AccessStore::Outcome> &outcome) {
            respond(outcome ? HttpResponse::noContent() : accessFailure(outcome.error()));
        });
}

} // namespace

std::vector<Route> accessRoutes(const AdminDependencies &parts)
{
    std::vector<Route> routes;
    for (const AccessList which : { AccessList::Bans, AccessList::Exemptions }) {
        const auto bound = [&parts, which](void (*handler)(const Call &)) {
            return [&parts, which, handler](const AdminRequest &request, const Responder &respond) {
                handler({ parts, which, request, respond });
            };
        };
        const bool isOfBans = which == AccessList::Bans;
        routes.push_back({ "GET", isOfBans ? paths::kBans : paths::kExemptions, Role::Viewer,
            { .query = { "kind"_L1, "filter"_L1, "cursor"_L1, "limit"_L1 } }, bound(&list) });
        routes.push_back({ "POST", isOfBans ? paths::kBans : paths::kExemptions, Role::Operator,
            { .body = Takes::Body::ByHandler }, bound(&put) });
        routes.push_back({ "DELETE", isOfBans ? paths::kBan : paths::kExemption, Role::Operator,
            { .members = { "note"_L1 } }, bound(&remove) });
    }
    return routes;
}

} // namespace gatehouse
