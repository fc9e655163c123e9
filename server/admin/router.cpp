// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/router.h"

#include <algorithm>

#include "server/admin/requestparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Whether the path fits the pattern; fills in the variable parts.
bool fits(const QByteArray &path, QLatin1StringView pattern, QHash<QLatin1StringView, QString> &parameters)
{
    QByteArrayView rest(path);
    QByteArrayView wanted(pattern.data(), pattern.size());
    if (rest.endsWith('/'))
        rest.chop(1);
    if (wanted.endsWith('/'))
        wanted.chop(1);
    while (!rest.isEmpty() && !wanted.isEmpty()) {
        const auto next = [](QByteArrayView &text) {
            const qsizetype slash = text.indexOf('/', 1);
            const QByteArrayView segment = text.first(slash < 0 ? text.size() : slash).sliced(1);
            text = slash < 0 ? QByteArrayView() : text.sliced(slash);
            return segment;
        };
        const QByteArrayView segment = next(rest);
        const QByteArrayView name = next(wanted);
        if (name.startsWith('{')) {
            if (segment.isEmpty())
                return false;
            const QLatin1StringView key(name.data() + 1, name.size() - 2);
            parameters.insert(key, QString::fromUtf8(QByteArray::fromPercentEncoding(segment.toByteArray())));
        } else if (segment != name) {
            return false;
        }
    }
    return rest.isEmpty() && wanted.isEmpty();
}

bool accepts(const Route &route, const QByteArray &method)
{
    return route.method == method || (method == "HEAD" && route.method == "GET");
}

/// What the row of the route does not take; nullopt if there is nothing of the kind.
std::optional<Error> judgeNames(const Takes &takes, const HttpRequest &request)
{
    if (takes.isForProbes)
        return std::nullopt;
    if (std::optional<Error> error = judgeParameters(request, takes.query))
        return error;
    if (takes.body == Takes::Body::ByHandler || request.body.isEmpty())
        return std::nullopt;
    const Result<QJsonObject> body = jsonBody(request, true);
    return body ? judgeMembers(*body, takes.members) : std::optional(body.error());
}

/// Hands the request over, unless it says what the route does not take.
void run(const Route &route, const AdminRequest &request, const Responder &respond)
{
    if (const std::optional<Error> error = judgeNames(route.takes, request.http))
        respond(badRequest(*error));
    else
        route.handler(request, respond);
}

} // namespace

bool isSameHost(QByteArrayView origin, QByteArrayView hostHeader)
{
    const qsizetype schemeEnd = origin.indexOf("://");
    return schemeEnd > 0 && !hostHeader.isEmpty()
        && origin.sliced(schemeEnd + 3).toByteArray().toLower() == hostHeader.toByteArray().toLower();
}

Router::Router(AdminAuth &auth, const Clock &clock)
    : m_auth(auth)
    , m_pending(clock)
{
}

void Router::add(std::vector<Route> routes)
{
    std::move(routes.begin(), routes.end(), std::back_inserter(m_routes));
}

RequestHandler::Judgement Router::judge(const HttpRequest &request)
{
    QByteArrayList allowed;
    for (const Route &route : m_routes) {
        Parameters parameters;
        if (!fits(request.path, route.pattern, parameters))
            continue;
        if (accepts(route, request.method))
            return judge(route, std::move(parameters), request);
        allowed.append(route.method);
    }
    if (allowed.isEmpty())
        return HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"nothing is served at this path"_s });
    HttpResponse response = HttpResponse::problem({ 405, u"method_not_allowed"_s, u"Method not allowed"_s,
        u"this path does not take %1"_s.arg(QString::fromLatin1(request.method.left(16))) });
    response.withHeader("Allow", allowed.join(", "));
    return response;
}

RequestHandler::Judgement Router::judge(const Route &route, Parameters parameters, const HttpRequest &request)
{
    if (request.hasHeader("origin") && !isSameHost(request.header("origin"), request.header("host")))
        return HttpResponse::problem(
            { 403, u"origin_not_allowed"_s, u"Origin not allowed"_s, u"pages of other hosts may not use the API"_s });
    Identity who;
    if (route.needed) {
        AdminAuth::Verdict verdict = m_auth.authenticate(request.bearerToken(), request.client, *route.needed);
        if (const Problem *problem = std::get_if<Problem>(&verdict))
            return HttpResponse::problem(*problem);
        who = std::get<Identity>(std::move(verdict));
    }
    return RequestHandler::Task([this, row = &route, who = std::move(who), parameters = std::move(parameters)](
                                    const HttpRequest &passed, const Responder &respond) {
        const AdminRequest asked{ passed, who, parameters };
        const bool isChange = row->method != "GET";
        if (!row->needed)
            run(*row, asked, respond);
        else if (const std::optional<Problem> problem = m_auth.judgeAgain(who)) // banned on the way from the worker
            respond(HttpResponse::problem(*problem));
        else if (isChange && m_pending.isFull())
            respond(PendingAnswers::refusal());
        else
            run(*row, asked, m_pending.add(respond, isChange));
    });
}

void Router::dispatchOfPeer(const HttpRequest &request, const Identity &who, const Responder &respond)
{
    for (const Route &route : m_routes) {
        QHash<QLatin1StringView, QString> parameters;
        if (!route.isForPeers || !fits(request.path, route.pattern, parameters) || !accepts(route, request.method))
            continue;
        if (route.needed && !allows(who.role, *route.needed)) {
            respond(HttpResponse::problem({ 403, u"role_too_weak"_s, u"Not allowed"_s,
                u"this needs the role %1"_s.arg(roleName(*route.needed)) }));
            return;
        }
        run(route, { request, who, std::move(parameters), true }, respond);
        return;
    }
    respond(HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"nodes do not ask each other for this"_s }));
}

} // namespace gatehouse
