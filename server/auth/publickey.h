// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <openssl/evp.h>

#include "server/auth/jwtkey.h"

namespace gatehouse {

inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 8192; ///< longer ones make each handshake an attack

/// The public half of an RSA, P-256 or P-384 key, checked: its size, its exponent, its place on the curve. The error
/// goes on behind the name of a key ("is a 1024-bit RSA key; …").
[[nodiscard]] Result<PublicKey> readPublicKey(EVP_PKEY *key);

/// The same for the numbers of a JWK.
[[nodiscard]] Result<PublicKey> checkPublicKey(const PublicKey &numbers);

/// A number of the key by its OpenSSL name, big-endian, filled up with zeros to `bytes`; null if there is none.
[[nodiscard]] QByteArray keyNumber(const EVP_PKEY *key, const char *name, qsizetype bytes = 0);

} // namespace gatehouse
