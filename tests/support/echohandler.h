// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/requesthandler.h"

namespace gatehouse {

/// Answers every request with its method and path, and the body of one whose path does not begin with "/open": that
/// anybody may ask for. Refuses what has the token "bad".
class EchoHandler final : public RequestHandler
{
public:
    [[nodiscard]] RequestVerdict judge(const HttpRequest &head) override
    {
        if (head.bearerToken() == "bad")
            return HttpResponse::problem({ 401, QStringLiteral("token_invalid"), QStringLiteral("x"), {} });
        return std::make_shared<Echo>(!head.path.startsWith("/open"));
    }

private:
    class Echo final : public AdmittedRequest
    {
    public:
        explicit Echo(bool isByToken)
            : m_isByToken(isByToken)
        {
        }
        [[nodiscard]] bool isByToken() const override { return m_isByToken; }
        [[nodiscard]] bool needsBody() const override { return m_isByToken; }
        void carryOut(const HttpRequest &request, const Responder &respond) override
        {
            respond(HttpResponse::text(request.method + ' ' + request.path + ' ' + request.body));
        }

    private:
        bool m_isByToken;
    };
};

} // namespace gatehouse
