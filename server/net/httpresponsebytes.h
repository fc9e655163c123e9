// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/httpmessage.h"

namespace gatehouse {

/// The bytes of an answer, head and body. Pure.
[[nodiscard]] QByteArray encodeResponse(const HttpResponse &response, bool isHead, bool keepsAlive);

} // namespace gatehouse
