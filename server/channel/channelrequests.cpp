// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/channelrequests.h"

#include <algorithm>

#include <QtCore/QJsonArray>

#include "server/channel/servedpaths.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr char kBearerProtocol[] = "bearer.";
constexpr char kPreflightAge[] = "600"; // seconds for which a browser need not ask with OPTIONS again

/// The token that stands before a ticket in the channel's order; empty if there is none.
QByteArray headerToken(const HttpRequest &request)
{
    if (QByteArray token = request.bearerToken(); !token.isEmpty())
        return token;
    for (const QByteArray &protocol : request.header("sec-websocket-protocol").split(',')) {
        const QByteArray trimmed = protocol.trimmed();
        if (trimmed.startsWith(kBearerProtocol))
            return trimmed.mid(qsizetype(sizeof kBearerProtocol) - 1);
    }
    return {};
}

QJsonObject toJson(const GuardCheck &check)
{
    QJsonObject object{ { "guard"_L1, check.guard },
        { "pass"_L1, check.passes ? QJsonValue(*check.passes) : QJsonValue() } };
    if (check.reason)
        object.insert("code"_L1, reasonDescriptor(*check.reason).code);
    if (!check.detail.isEmpty())
        object.insert("detail"_L1, check.detail);
    const auto addNumber = [&object](QLatin1StringView name, const std::optional<qint64> &number) {
        if (number)
            object.insert(name, *number);
    };
    addNumber("limit"_L1, check.limit);
    addNumber("observed"_L1, check.observed);
    addNumber("retry_after"_L1, check.retryAfterSeconds);
    return object;
}

QJsonObject toJson(const GuardPreview &preview)
{
    QJsonArray guards;
    for (const GuardCheck &check : preview.checks)
        guards.append(toJson(check));
    const GuardCheck *refusing = preview.refusing();
    const CloseCode code = refusing ? reasonDescriptor(*refusing->reason).closeCode : CloseCode::NoStatus;
    return { { "admitted"_L1, !refusing }, { "guards"_L1, guards },
        { "close_code"_L1, code == CloseCode::NoStatus ? QJsonValue() : QJsonValue(int(code)) } };
}

HttpResponse tooManyPreviews(std::chrono::milliseconds wait)
{
    Problem problem{ 429, u"too_many_requests"_s, u"Too many requests"_s,
        u"an address may ask %1 times a minute"_s.arg(ChannelRequests::kPreviewsPerMinute) };
    problem.retryAfterSeconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return HttpResponse::problem(problem);
}

HttpResponse tooManyTickets(const TicketBook::TooMany &found)
{
    Problem problem{ found.isOfUser ? 429 : 503, u"too_many_tickets"_s, u"Too many tickets"_s,
        found.isOfUser ? u"%1 tickets of this user wait to be used"_s.arg(TicketBook::kMaxPerUser)
                       : u"too many tickets wait to be used"_s };
    problem.retryAfterSeconds = std::chrono::ceil<std::chrono::seconds>(found.wait).count();
    return HttpResponse::problem(problem);
}

void allowOrigin(HttpResponse &response, const QByteArray &origin)
{
    response.withHeader("Access-Control-Allow-Origin", origin)
        .withHeader("Access-Control-Expose-Headers", "Retry-After")
        .withHeader("Vary", "Origin");
}

} // namespace

struct ChannelRequests::Route
{
    QByteArray method;
    QLatin1StringView path;
    KnownNames query;
    bool needsOrigin; ///< what comes without one is refused as an upgrade would be, unless ALLOW_MISSING_ORIGIN
    ChannelAnswer (ChannelRequests::*handler)(const HttpRequest &, const LimitSnapshot &) const;

    [[nodiscard]] QByteArray allowed() const { return (method == "GET" ? "GET, HEAD" : method) + ", OPTIONS"; }
};

ChannelRequests::ChannelRequests(
    const GuardEnvironment &environment, const Guards &guards, FailedLogins &failures, AddressRate &previews)
    : m_environment(environment)
    , m_guards(guards)
    , m_failures(failures)
    , m_previews(previews)
{
}

const std::vector<ChannelRequests::Route> &ChannelRequests::table()
{
    // A page asks with the address that it would connect to: what the channel reads there is known here too.
    static const KnownNames kChannelQuery{ "token"_L1, "ticket"_L1, "cursor"_L1, "refusal"_L1 };
    static const std::vector<Route> kRoutes{
        { "GET", paths::kPreflight, kChannelQuery, true, &ChannelRequests::preflight },
        { "POST", paths::kTicket, {}, false, &ChannelRequests::ticket },
    };
    return kRoutes;
}

QStringList ChannelRequests::routes()
{
    QStringList names;
    for (const Route &route : table())
        names.append(QString::fromLatin1(route.method) + u' ' + route.path);
    return names;
}

std::vector<std::pair<QString, KnownNames>> ChannelRequests::queries()
{
    std::vector<std::pair<QString, KnownNames>> all;
    for (const Route &route : table())
        all.emplace_back(QString::fromLatin1(route.method) + u' ' + route.path, route.query);
    return all;
}

ChannelAnswer ChannelRequests::answer(const HttpRequest &request, const LimitSnapshot &snapshot) const
{
    const auto route = std::find_if(
        table().begin(), table().end(), [&request](const Route &row) { return isSamePath(request.path, row.path); });
    if (route == table().end())
        return { HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"nothing is served at this path"_s }) };
    const std::optional<QByteArray> origin = pageOrigin(request);
    if ((origin || route->needsOrigin) && !m_environment.originPolicy->allows(origin))
        return ChannelAnswer{ HttpResponse::problem({ 403, u"origin_not_allowed"_s, u"Origin not allowed"_s,
            origin ? u"this Origin is not in ALLOWED_HOSTS"_s : u"the Origin header is missing"_s }) };
    ChannelAnswer given = answer(*route, request, snapshot);
    if (request.hasHeader("origin"))
        allowOrigin(given.response, request.header("origin"));
    return given;
}

ChannelAnswer ChannelRequests::answer(
    const Route &route, const HttpRequest &request, const LimitSnapshot &snapshot) const
{
    if (request.method == "OPTIONS") {
        HttpResponse response = HttpResponse::noContent();
        response.withHeader("Allow", route.allowed())
            .withHeader("Access-Control-Allow-Methods", route.allowed())
            .withHeader("Access-Control-Allow-Headers", "Authorization")
            .withHeader("Access-Control-Max-Age", kPreflightAge);
        return { response };
    }
    if (request.method == route.method || (request.method == "HEAD" && route.method == "GET")) {
        const std::optional<Error> error = judgeParameters(request, route.query);
        return error ? ChannelAnswer{ HttpResponse::badRequest(*error) } : (this->*route.handler)(request, snapshot);
    }
    return { HttpResponse::methodNotAllowed(request.method, route.allowed()) };
}

std::optional<QByteArray> ChannelRequests::pageOrigin(const HttpRequest &request) const
{
    if (request.hasHeader("origin"))
        return request.header("origin");
    // A browser leaves it out where a page asks its own host with GET; the page's WebSocket would send it. Behind a
    // proxy the scheme is not known; pages cannot set this field.
    if (request.header("sec-fetch-site") != "same-origin")
        return std::nullopt;
    const QByteArray secure = "https://" + request.header("host");
    return m_environment.originPolicy->allows(secure) ? secure : "http://" + request.header("host");
}

ChannelAnswer ChannelRequests::preflight(const HttpRequest &request, const LimitSnapshot &snapshot) const
{
    if (!m_guards.access().exemptionOf(AddressKey::of(request.client.bucket(m_environment.ipv6PrefixBits))).isWhole) {
        if (const auto wait = m_previews.take(request.client, m_environment.clock->monotonic()))
            return { tooManyPreviews(*wait) };
    }
    UpgradeAttempt attempt = attemptOf(request);
    attempt.origin = pageOrigin(request);
    const MonoTime now = m_environment.clock->monotonic();
    std::optional<Problem> tooMany = m_failures.refuseUnverified(attempt.token, request.client, now);
    if (tooMany)
        return { HttpResponse::problem(*tooMany) };
    const GuardPreview preview = GuardPreviewer(m_guards).preview(attempt, snapshot);
    if (preview.hasBadToken())
        tooMany = m_failures.countBad(attempt.token, request.client, now);
    else if (!preview.user.isEmpty() && !attempt.token.isEmpty())
        m_failures.countGood(attempt.token, preview.user);
    return { tooMany ? HttpResponse::problem(*tooMany) : HttpResponse::json(toJson(preview)) };
}

/// A page that gets no ticket never comes to the guards: only here can the operator be told why.
ChannelAnswer ChannelRequests::refuse(const HttpRequest &request, const Problem &problem) const
{
    if (m_environment.refusedTokens)
        m_environment.refusedTokens->tell(request.bearerToken(), request.client, request.path, problem);
    return { HttpResponse::problem(problem) };
}

ChannelAnswer ChannelRequests::ticket(const HttpRequest &request, const LimitSnapshot &) const
{
    const Clock &clock = *m_environment.clock;
    const std::variant<Identity, Problem> verified = m_failures.verify(
        *m_environment.tokenVerifier, request.bearerToken(), request.client, { clock.utc(), clock.monotonic() });
    if (const Problem *problem = std::get_if<Problem>(&verified))
        return refuse(request, *problem);
    const Identity &identity = std::get<Identity>(verified);
    if (const std::optional<Finding> finding = m_guards.judgeIdentity(identity))
        return refuse(request, finding->toProblem());
    const auto issued = m_environment.tickets->issue(identity);
    if (const TicketBook::TooMany *found = std::get_if<TicketBook::TooMany>(&issued))
        return { tooManyTickets(*found) };
    const QByteArray &ticket = std::get<QByteArray>(issued);
    return { HttpResponse::json({ { "ticket"_L1, QString::fromLatin1(ticket) },
                                    { "expires_in"_L1, qint64(TicketBook::kLifetime.count()) } },
                 201),
        ChannelAnswer::Ticket{ TicketBook::digestOf(ticket), identity } };
}

UpgradeAttempt attemptOf(const HttpRequest &request)
{
    UpgradeAttempt attempt{ request.client, std::nullopt, headerToken(request), request.header("host") };
    if (request.hasHeader("origin"))
        attempt.origin = request.header("origin");
    // The order of the channel's description: header, subprotocol, ticket, token.
    if (attempt.token.isEmpty())
        attempt.ticket = request.queryValue("ticket").value_or(QByteArray());
    if (attempt.token.isEmpty() && attempt.ticket.isEmpty())
        attempt.token = request.queryValue("token").value_or(QByteArray());
    return attempt;
}

} // namespace gatehouse
