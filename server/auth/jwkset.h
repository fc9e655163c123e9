// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwtkey.h"

namespace gatehouse {

/// The form of a key file that is JSON: a JWK set or a single JWK (RFC 7517). Keys for other uses and of kinds that are
/// not verified here are passed over with a warning, as sets of identity providers hold them; what is wrong, weak or
/// private is an error.
[[nodiscard]] Result<JwtKeys> parseJwkSet(
    const QByteArray &json, const QString &fileName, std::optional<JwtAlgorithm> preferred);

} // namespace gatehouse
