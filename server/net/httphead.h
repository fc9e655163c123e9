// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/net/httpbody.h"
#include "server/net/httpmessage.h"
#include "server/net/malformedrequests.h"

namespace gatehouse {

/// The head is not complete yet and nothing is wrong with it so far.
struct HeadIncomplete
{
};
/// A complete, well-formed head.
struct ParsedHead
{
    HttpRequest request;     ///< without body and client
    qsizetype headBytes = 0; ///< how much of the input it took
    BodyFraming body;
    bool expectsContinue = false; ///< its body comes once 100 is sent, or a while later
};
using HeadVerdict = std::variant<HeadIncomplete, ParsedHead, MalformedRequest>;

/// Parses the head of an HTTP/1.1 or HTTP/1.0 request, strictly: RFC 9112 by Boost.Beast, and on top of it no bare CR
/// or LF, no NUL, no folded lines, only origin-form and absolute-form targets, and no second Host, Origin,
/// Authorization, Content-Length or Sec-WebSocket-* field, because two readers might choose different ones. The host of
/// a target in absolute form is the request's Host (section 3.2.2). Pure; the bounds are those of httpbounds.h (431
/// beyond them, 413 for a body). 417 for an expectation that is not 100-continue, 501 for a coding that is not chunked,
/// 505 for another version.
[[nodiscard]] HeadVerdict parseHttpHead(QByteArrayView bytes);

} // namespace gatehouse
