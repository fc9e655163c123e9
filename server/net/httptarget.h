// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/httpmessage.h"

namespace gatehouse {

/// Reads the target of a request, in origin form or in absolute form, into its path, its query and, where the target
/// has one, its host. 400 for everything else. Pure.
[[nodiscard]] std::optional<Problem> readTarget(QByteArrayView target, HttpRequest &request);

/// Decodes a query string (without its "?") into names and values. Invalid percent escapes stay as they are.
[[nodiscard]] std::vector<std::pair<QByteArray, QByteArray>> parseQuery(QByteArrayView query);

} // namespace gatehouse
