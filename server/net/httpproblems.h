// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/problem.h"

namespace gatehouse {

/// What is answered before anybody looks at what a request asks for. Pure.

/// 400, for what is no good HTTP.
[[nodiscard]] Problem badRequest(const QString &detail);
/// 505: a version of HTTP that will not do.
[[nodiscard]] Problem unsupportedVersion(const QString &detail);
/// 431.
[[nodiscard]] Problem headTooLarge(const QString &detail);
/// 413: more than kMaxBodyBytes.
[[nodiscard]] Problem bodyTooLarge();
/// 503: there is no room for a body among all that is unfinished.
[[nodiscard]] Problem noRoomForBody();

} // namespace gatehouse
