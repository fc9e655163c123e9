// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <variant>

#include "server/net/httpmessage.h"

namespace gatehouse {

/// A plain request that was let in by its head. Made on the worker, carried out on the main thread.
class AdmittedRequest
{
public:
    virtual ~AdmittedRequest() = default;
    /// Whether it was let in by a token; else anybody may ask for it.
    [[nodiscard]] virtual bool isByToken() const = 0;
    /// Whether the answer depends on the body. If not, none is waited for or kept.
    [[nodiscard]] virtual bool needsBody() const = 0;
    /// Called once, on the main thread, with the head that was judged and its body; the answer may come later.
    virtual void carryOut(const HttpRequest &request, const Responder &respond) = 0;
};

using RequestVerdict = std::variant<HttpResponse, std::shared_ptr<AdmittedRequest>>;

/// Answers plain HTTP requests: everything that is not an upgrade.
class RequestHandler
{
public:
    virtual ~RequestHandler() = default;
    /// Judges a request by its head, before anything is kept of its body: the refusal, or what carries it out. Called
    /// on any worker's thread.
    [[nodiscard]] virtual RequestVerdict judge(const HttpRequest &head) = 0;
};

} // namespace gatehouse
