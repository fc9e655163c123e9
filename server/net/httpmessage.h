// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

#include "server/net/ipaddress.h"
#include "shared/protocol/problem.h"

namespace gatehouse {

/// One HTTP request, already judged well-formed. A plain value that may be handed between threads.
struct HttpRequest
{
    QByteArray method;                                      ///< "GET", …
    QByteArray path;                                        ///< as sent, without the query; never percent-decoded
    std::vector<std::pair<QByteArray, QByteArray>> query;   ///< decoded names and values, in order
    std::vector<std::pair<QByteArray, QByteArray>> headers; ///< names in lower case, values trimmed
    QByteArray body;
    IpAddress client; ///< the peer, or what a trusted proxy says it is
    quint16 clientPort = 0;
    bool isUpgrade = false; ///< asks for a WebSocket
    bool isKeepAlive = true;
    bool isHttp10 = false; ///< HTTP/1.0, not 1.1

    /// The first header of that (lower-case) name; empty if there is none.
    [[nodiscard]] QByteArray header(QByteArrayView lowerCaseName) const;
    [[nodiscard]] bool hasHeader(QByteArrayView lowerCaseName) const;
    /// The first query value of that name; nullopt if there is none.
    [[nodiscard]] std::optional<QByteArray> queryValue(QByteArrayView name) const;
    /// The token of "Authorization: Bearer …"; empty if there is none.
    [[nodiscard]] QByteArray bearerToken() const;
};

/// One HTTP answer. A plain value.
struct HttpResponse
{
    int status = 200;
    QByteArray contentType;
    QByteArray body;
    std::vector<std::pair<QByteArray, QByteArray>> headers; ///< besides Date, Content-Type, Content-Length, Connection

    [[nodiscard]] static HttpResponse json(const QJsonObject &object, int status = 200);
    /// application/problem+json; adds Retry-After where the problem has it, and WWW-Authenticate to a 401.
    [[nodiscard]] static HttpResponse problem(const Problem &problem);
    /// 400; the error's field is named, where it has one.
    [[nodiscard]] static HttpResponse badRequest(const Error &error);
    /// 405; `allowed` is the value of Allow.
    [[nodiscard]] static HttpResponse methodNotAllowed(const QByteArray &method, const QByteArray &allowed);
    [[nodiscard]] static HttpResponse text(
        const QByteArray &text, const QByteArray &contentType = "text/plain; charset=utf-8");
    [[nodiscard]] static HttpResponse noContent();

    HttpResponse &withHeader(const QByteArray &name, const QByteArray &value) &;
};

/// Answers one request; to be called exactly once, from any thread.
using Responder = std::function<void(HttpResponse)>;

/// Standard reason phrase of a status ("Too Many Requests").
[[nodiscard]] QByteArray reasonPhrase(int status);

} // namespace gatehouse
