// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/net/httpmessage.h"

namespace gatehouse {

/// Answers plain HTTP requests: everything that is not an upgrade. Judges them where they were read, and answers those
/// that pass on the main thread: what strangers send costs that thread nothing.
class RequestHandler
{
public:
    virtual ~RequestHandler() = default;

    /// What a request that has passed is answered with; the answer may come later. Called on the main thread.
    using Task = std::function<void(const HttpRequest &request, const Responder &respond)>;
    using Judgement = std::variant<HttpResponse, Task>;
    /// Who asks, and whether they may: the answer to a request that does not pass, or what is left to do. Any thread,
    /// several at once.
    [[nodiscard]] virtual Judgement judge(const HttpRequest &request) = 0;

    /// Both, one after the other. Main thread.
    void handle(const HttpRequest &request, const Responder &respond)
    {
        Judgement judgement = judge(request);
        if (HttpResponse *answer = std::get_if<HttpResponse>(&judgement))
            respond(std::move(*answer));
        else
            std::get<Task>(judgement)(request, respond);
    }
};

} // namespace gatehouse
