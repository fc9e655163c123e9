// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <openssl/evp.h>

#include "server/auth/cjosehandles.h"
#include "server/auth/jwtkey.h"

namespace gatehouse {

/// The key as cjose wants it, to verify with (and to sign, if it is a secret); null if cjose does not take it. cjose
/// only reads it when it is used, so threads may share it.
[[nodiscard]] CjoseKey makeCjoseKey(const JwtKey &key);

/// The private key `key`, whose public half is `publicKey`, to sign with; null if cjose does not take it.
[[nodiscard]] CjoseKey makeCjosePrivateKey(const EVP_PKEY *key, const PublicKey &publicKey);

} // namespace gatehouse
