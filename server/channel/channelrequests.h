// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/failedlogins.h"
#include "server/guard/guardpreview.h"
#include "server/net/knownparameters.h"

namespace gatehouse {

/// An answer, and the ticket that it gives out, for the other nodes.
struct ChannelAnswer
{
    struct Ticket
    {
        QByteArray digest;
        Identity identity;
    };
    HttpResponse response;
    std::optional<Ticket> issued{};
};

/// The channel's plain HTTP requests, for pages of ALLOWED_HOSTS too (CORS): `GET …/preflight/` tells what the guards
/// would say to an upgrade with the same Origin and token, `POST /api/ticket/` gives a ticket for a token. A page of
/// another Origin learns nothing but that. One per worker, on its thread.
class ChannelRequests final
{
public:
    /// How often an address may ask for a preview: far more than a page does, and no free work for everybody else's
    /// worker.
    static constexpr int kPreviewsPerMinute = 300;

    /// All of them outlive it. Over all workers, `failures` counts the bad tokens of an address, and `previews` bounds
    /// how often it asks for one.
    ChannelRequests(
        const GuardEnvironment &environment, const Guards &guards, FailedLogins &failures, AddressRate &previews);
    Q_DISABLE_COPY_MOVE(ChannelRequests)

    /// What is served, as "METHOD path": for the test that holds the API's description against it.
    [[nodiscard]] static QStringList routes();
    /// The query parameters that each of them takes, for the same test.
    [[nodiscard]] static std::vector<std::pair<QString, KnownNames>> queries();

    /// 404 if the path is none of these.
    [[nodiscard]] ChannelAnswer answer(const HttpRequest &request, const LimitSnapshot &snapshot) const;

private:
    struct Route;
    [[nodiscard]] static const std::vector<Route> &table();
    [[nodiscard]] ChannelAnswer answer(
        const Route &route, const HttpRequest &request, const LimitSnapshot &snapshot) const;
    /// The Origin of the page that asks; nullopt if it is none.
    [[nodiscard]] std::optional<QByteArray> pageOrigin(const HttpRequest &request) const;
    [[nodiscard]] ChannelAnswer preflight(const HttpRequest &request, const LimitSnapshot &snapshot) const;
    [[nodiscard]] ChannelAnswer ticket(const HttpRequest &request, const LimitSnapshot &snapshot) const;
    [[nodiscard]] ChannelAnswer refuse(const HttpRequest &request, const Problem &problem) const;

    const GuardEnvironment &m_environment;
    const Guards &m_guards;
    FailedLogins &m_failures;
    AddressRate &m_previews;
};

/// What the guards may know of a request that is, or would be, an upgrade.
[[nodiscard]] UpgradeAttempt attemptOf(const HttpRequest &request);

} // namespace gatehouse
