// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QtCore/QHash>

#include "server/admin/adminauth.h"
#include "server/admin/pendinganswers.h"
#include "server/limits/limitstore.h"
#include "server/net/knownparameters.h"
#include "server/net/requesthandler.h"

namespace gatehouse {

/// A request that has passed the router: who asks, and the variable parts of its path.
struct AdminRequest
{
    const HttpRequest &http;                      ///< valid during the handler's call only
    Identity who;                                 ///< user is empty on a public route
    QHash<QLatin1StringView, QString> parameters; ///< {name} → percent-decoded value
    bool isOfPeer = false; ///< another node asks, for whoever asked it: the answer is this node's alone

    [[nodiscard]] Actor actor() const { return { who.user, http.client.toString() }; }
};

/// What a request of a route may say. Anything else is refused by name before the handler runs.
struct Takes
{
    enum class Body : quint8
    {
        ByName,    ///< nothing, or an object of `members` alone
        ByHandler, ///< the handler judges what it reads, names too
    };
    KnownNames query{};
    KnownNames members{}; ///< of the body's object
    Body body = Body::ByName;
    bool isForProbes
        = false; ///< nothing of the query means anything, whatever stands there: balancers add what they like
};

/// One row of the table of routes.
struct Route
{
    QByteArray method; ///< a GET route answers HEAD too
    QLatin1StringView
        pattern; ///< from shared/protocol/apipaths.h; "{name}" stands for one segment; a trailing slash is optional
    std::optional<Role> needed; ///< nullopt: anybody, without a token
    Takes takes;
    std::function<void(const AdminRequest &, const Responder &)> handler;
    bool isForPeers = false; ///< other nodes of the cluster may ask it
};

/// Finds the route of a request and judges it before its handler runs: unknown path 404, foreign Origin 403, wrong
/// method 405 with Allow, no or bad token 401, too weak a role 403, a parameter or member that the route does not take
/// 400. Lives on the main thread, where handlers run, but judges on any.
class Router final
{
public:
    /// Both outlive it.
    Router(AdminAuth &auth, const Clock &clock);
    Q_DISABLE_COPY_MOVE(Router)

    /// Before the first request.
    void add(std::vector<Route> routes);
    [[nodiscard]] const std::vector<Route> &routes() const { return m_routes; }

    /// What waits for an answer.
    [[nodiscard]] PendingAnswers &pending() { return m_pending; }

    /// By the head alone. What is admitted must not outlive the router. Any thread.
    [[nodiscard]] RequestVerdict judge(const HttpRequest &head);
    /// What another node asks for somebody whom it has authenticated. Only a route that is for peers answers, and only
    /// where the role allows it.
    void dispatchOfPeer(const HttpRequest &request, const Identity &who, const Responder &respond);

private:
    using Parameters = QHash<QLatin1StringView, QString>;
    class Admitted;

    AdminAuth &m_auth;
    PendingAnswers m_pending;
    std::vector<Route> m_routes;
};

/// Whether a page of `origin` is of the host that the request was sent to: then a browser may call the admin API.
[[nodiscard]] bool isSameHost(QByteArrayView origin, QByteArrayView hostHeader);

} // namespace gatehouse
