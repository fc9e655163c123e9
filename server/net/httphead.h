// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/net/httpbounds.h"
#include "server/net/httpmessage.h"

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
    qsizetype bodyBytes = 0; ///< Content-Length; 0 if there is none
};
using HeadVerdict = std::variant<HeadIncomplete, ParsedHead, Problem>;

/// Parses the head of an HTTP/1.1 request, strictly: RFC 9112 by Boost.Beast, and on top of it no bare CR or LF, no
/// NUL, no folded lines, only origin-form targets, and no second Host, Origin, Authorization, Content-Length or
/// Sec-WebSocket-* field, because two readers might choose different ones. Pure; the bounds are those of httpbounds.h
/// (431 beyond them, 413 for a body).
[[nodiscard]] HeadVerdict parseHttpHead(QByteArrayView bytes);

/// Decodes a query string (without its "?") into names and values. Invalid percent escapes stay as they are.
[[nodiscard]] std::vector<std::pair<QByteArray, QByteArray>> parseQuery(QByteArrayView query);

} // namespace gatehouse
