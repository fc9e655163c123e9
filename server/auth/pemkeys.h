// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwtkey.h"

namespace gatehouse {

/// The form of a key file that is PEM: public keys, and certificates whose public key is taken. A certificate that is
/// not valid at `now` is passed over, and an error if nothing else gives a key; who signed it is not asked, since the
/// file itself says whom to trust. A line "kid: NAME" before a block gives its key that id.
[[nodiscard]] Result<JwtKeys> parsePemKeys(
    const QByteArray &pem, const QString &fileName, std::optional<JwtAlgorithm> preferred, UtcTime now);

} // namespace gatehouse
