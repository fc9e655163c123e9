// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/httpmessage.h"

namespace gatehouse {

/// Answers plain HTTP requests: everything that is not an upgrade. Called on the main thread; the answer may come
/// later.
class RequestHandler
{
public:
    virtual ~RequestHandler() = default;
    virtual void handle(const HttpRequest &request, Responder respond) = 0;
};

} // namespace gatehouse
