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

/// What the row of the route does not take of a query; nullopt if there is nothing of the kind.
std::optional<Error> judgeQuery(const Takes &takes, const HttpRequest &request)
{
    return takes.isForProbes ? std::nullopt : judgeParameters(request, takes.query);
}

/// The same of a body.
std::optional<Error> judgeBody(const Takes &takes, const HttpRequest &request)
{
    if (takes.isForProbes || takes.body == Takes::Body::ByHandler || request.body.isEmpty())
        return std::nullopt;
    const Result<QJsonObject> body = jsonBody(request, true);
    return body ? judgeMembers(*body, takes.members) : std::optional(body.error());
}

/// Hands the request over, unless its body says what the route does not take.
void run(const Route &route, const AdminRequest &request, const Responder &respond)
{
    if (const std::optional<Error> error = judgeBody(route.takes, request.http))
        respond(HttpResponse::badRequest(*error));
    else
        route.handler(request, respond);
}

} // namespace

/// A request for a route, and who asks.
class Router::Admitted final : public AdmittedRequest
{
public:
    Admitted(const AdminAuth &auth, PendingAnswers &pending, const Route &route, Identity who, Parameters parameters)
        : m_auth(auth)
        , m_pending(pending)
        , m_route(route)
        , m_who(std::move(who))
        , m_parameters(std::move(parameters))
    {
    }
    [[nodiscard]] bool isByToken() const override { return m_route.needed.has_value(); }
    [[nodiscard]] bool needsBody() const override { return isByToken() && isChange(); }
    void carryOut(const HttpRequest &request, const Responder &respond) override
    {
        const AdminRequest asked{ request, std::move(m_who), std::move(m_parameters) };
        if (!isByToken())
            run(m_route, asked, respond);
        else if (const std::optional<Problem> banned = m_auth.judgeAgain(asked.who)) // while the body took its time
            respond(HttpResponse::problem(*banned));
        else if (isChange() && m_pending.isFull())
            respond(PendingAnswers::refusal());
        else
            run(m_route, asked, m_pending.add(respond, isChange()));
    }

private:
    [[nodiscard]] bool isChange() const { return m_route.method != "GET"; }

    const AdminAuth &m_auth;
    PendingAnswers &m_pending;
    const Route &m_route;
    Identity m_who;
    Parameters m_parameters;
};

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

RequestVerdict Router::judge(const HttpRequest &head)
{
    QByteArrayList allowed;
    for (const Route &route : m_routes) {
        Parameters parameters;
        if (!fits(head.path, route.pattern, parameters))
            continue;
        if (!accepts(route, head.method)) {
            allowed.append(route.method);
            continue;
        }
        if (head.hasHeader("origin") && !isSameHost(head.header("origin"), head.header("host")))
            return HttpResponse::problem({ 403, u"origin_not_allowed"_s, u"Origin not allowed"_s,
                u"pages of other hosts may not use the API"_s });
        Identity who;
        if (route.needed) {
            AdminAuth::Verdict verdict = m_auth.authenticate(head.bearerToken(), head.client, *route.needed, head.path);
            if (const Problem *problem = std::get_if<Problem>(&verdict))
                return HttpResponse::problem(*problem);
            who = std::get<Identity>(std::move(verdict));
        }
        if (const std::optional<Error> error = judgeQuery(route.takes, head))
            return HttpResponse::badRequest(*error);
        return std::make_shared<Admitted>(m_auth, m_pending, route, std::move(who), std::move(parameters));
    }
    if (!allowed.isEmpty())
        return HttpResponse::methodNotAllowed(head.method, allowed.join(", "));
    return HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"nothing is served at this path"_s });
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
        if (const std::optional<Error> error = judgeQuery(route.takes, request))
            respond(HttpResponse::badRequest(*error));
        else
            run(route, { request, who, std::move(parameters), true }, respond);
        return;
    }
    respond(HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"nodes do not ask each other for this"_s }));
}

} // namespace gatehouse
