// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/handlers.h"

#include <algorithm>

#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// The key of a request that may be sent again, empty if it has none; nullopt for one that is not as it should be.
std::optional<QByteArray> readIdempotencyKey(const HttpRequest &http)
{
    constexpr qsizetype kMaxKeyChars = 255;
    std::optional<QByteArray> key;
    for (const auto &[name, value] : http.headers) {
        if (name != "idempotency-key")
            continue;
        const bool isVisible = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; });
        if (key || value.isEmpty() || value.size() > kMaxKeyChars || !isVisible)
            return std::nullopt;
        key = value;
    }
    return key.value_or(QByteArray());
}

void publish(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const std::optional<QByteArray> key = readIdempotencyKey(request.http);
    if (!key) {
        respond(HttpResponse::badRequest(
            { u"Idempotency-Key must be sent once, with 1 to 255 visible ASCII characters"_s, {} }));
        return;
    }
    // May be called on any thread: so may the histogram and the clock.
    const auto answer = [&times = parts.publishTimes, &clock = parts.clock, begun = parts.clock.monotonic(), respond](
                            const HttpResponse &response) {
        times.add(clock.monotonic() - begun);
        respond(response);
    };
    parts.publish(request.http.body, *key, request.who, answer);
}

} // namespace

std::vector<Route> publishRoutes(const AdminDependencies &parts)
{
    return {
        { "POST", paths::kPublish, Role::Publisher, { .body = Takes::Body::ByHandler },
            [&parts](const AdminRequest &request, const Responder &respond) { publish(parts, request, respond); } },
    };
}

} // namespace gatehouse
