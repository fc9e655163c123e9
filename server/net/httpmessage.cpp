// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpmessage.h"

#include <algorithm>

#include "server/net/httpproblems.h"
#include "shared/util/compactjson.h"

namespace gatehouse {

namespace {

constexpr QByteArrayView kBearer("bearer ");

const QByteArray *findFirst(const std::vector<std::pair<QByteArray, QByteArray>> &pairs, QByteArrayView name)
{
    const auto found
        = std::find_if(pairs.begin(), pairs.end(), [name](const auto &pair) { return pair.first == name; });
    return found == pairs.end() ? nullptr : &found->second;
}

} // namespace

QByteArray HttpRequest::header(QByteArrayView lowerCaseName) const
{
    const QByteArray *value = findFirst(headers, lowerCaseName);
    return value ? *value : QByteArray();
}

bool HttpRequest::hasHeader(QByteArrayView lowerCaseName) const
{
    return findFirst(headers, lowerCaseName) != nullptr;
}

std::optional<QByteArray> HttpRequest::queryValue(QByteArrayView name) const
{
    const QByteArray *value = findFirst(query, name);
    return value ? std::optional(*value) : std::nullopt;
}

QByteArray HttpRequest::bearerToken() const
{
    const QByteArray value = header("authorization");
    // The scheme is case-insensitive: RFC 9110 section 11.1.
    if (value.size() <= kBearer.size() || value.left(kBearer.size()).toLower() != kBearer)
        return {};
    return value.mid(kBearer.size()).trimmed();
}

HttpResponse HttpResponse::json(const QJsonObject &object, int status)
{
    return { status, "application/json", compactJson(object) + '\n', {} };
}

HttpResponse HttpResponse::problem(const Problem &problem)
{
    HttpResponse response{ problem.status, "application/problem+json", problem.toText() + '\n', {} };
    if (problem.retryAfterSeconds)
        response.withHeader("Retry-After", QByteArray::number(*problem.retryAfterSeconds));
    if (problem.status == 401)
        response.withHeader("WWW-Authenticate", "Bearer");
    return response;
}

HttpResponse HttpResponse::badRequest(const Error &error)
{
    Problem bad = gatehouse::badRequest(error.message);
    if (!error.field.isEmpty())
        bad.fields.push_back(error);
    return problem(bad);
}

HttpResponse HttpResponse::methodNotAllowed(const QByteArray &method, const QByteArray &allowed)
{
    HttpResponse response = problem({ 405, u"method_not_allowed"_s, u"Method not allowed"_s,
        u"this path does not take %1"_s.arg(QString::fromLatin1(method.left(16))) });
    response.withHeader("Allow", allowed);
    return response;
}

HttpResponse HttpResponse::text(const QByteArray &text, const QByteArray &contentType)
{
    return { 200, contentType, text, {} };
}

HttpResponse HttpResponse::noContent()
{
    return { 204, {}, {}, {} };
}

HttpResponse &HttpResponse::withHeader(const QByteArray &name, const QByteArray &value) &
{
    headers.emplace_back(name, value);
    return *this;
}

QByteArray reasonPhrase(int status)
{
    static constexpr std::pair<int, const char *> kPhrases[] = {
        { 101, "Switching Protocols" },
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 415, "Unsupported Media Type" },
        { 417, "Expectation Failed" },
        { 421, "Misdirected Request" },
        { 422, "Unprocessable Content" },
        { 426, "Upgrade Required" },
        { 428, "Precondition Required" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" },
    };
    for (const auto &[code, phrase] : kPhrases) {
        if (code == status)
            return phrase;
    }
    return "Unknown";
}

} // namespace gatehouse
