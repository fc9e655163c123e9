// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "server/auth/jwtalgorithm.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

/// The shortest secret of the default algorithm, HS256.
inline constexpr qsizetype kMinSecretBytes = 32;
/// A certificate that ends within this time is told of.
inline constexpr std::chrono::days kCertificateEndsSoon{ 14 };

/// A public key as big-endian numbers without leading zeros (RSA) or of the curve's length (EC). A plain value; checked
/// where it was read.
struct PublicKey
{
    JwtKeyType type = JwtKeyType::Rsa; ///< never Secret
    QByteArray modulusOrX{};
    QByteArray exponentOrY{};
};

/// One key that tokens are verified with. It is bound to one algorithm: a token that was signed by another one is not
/// its own, so a public key can never be taken for a shared secret. A plain value.
struct JwtKey
{
    QString id;        ///< kid; empty for a key that has none
    QByteArray secret; ///< of an HS key, at least as long as its hash; empty for others
    JwtAlgorithm algorithm = JwtAlgorithm::Hs256;
    PublicKey publicKey{};               ///< of the other keys
    std::optional<UtcTime> validUntil{}; ///< of a key that came in a certificate
    bool isOwn = false;                  ///< the server's own secret: JWT_SECRET, or the one that it made

    [[nodiscard]] bool isSecret() const { return jwtAlgorithm(algorithm).keyType == JwtKeyType::Secret; }
};

/// The keys of one file.
struct JwtKeys
{
    std::vector<JwtKey> keys; ///< at least one
    QStringList warnings;     ///< which keys were passed over, and why; one sentence each
};

/// Reads a JWK set, a single JWK, or PEM with public keys and certificates. `preferred` is the algorithm of the keys
/// that do not say, where it suits them. Errors begin with `fileName`, name the key or block and never contain key
/// material.
[[nodiscard]] Result<JwtKeys> parseJwtKeys(
    const QByteArray &content, const QString &fileName, std::optional<JwtAlgorithm> preferred, UtcTime now);

/// What is wrong with a shared secret for this algorithm; nullopt if nothing is.
[[nodiscard]] std::optional<QString> whyNoSecret(const QByteArray &secret, JwtAlgorithm algorithm);

} // namespace gatehouse
