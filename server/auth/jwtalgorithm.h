// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QLatin1StringView>
#include <QtCore/QStringView>

namespace gatehouse {

/// How a token may be signed. There is no "none", and never will be.
enum class JwtAlgorithm : quint8
{
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Es256,
    Es384
};

/// What kind of key an algorithm takes.
enum class JwtKeyType : quint8
{
    Secret,
    Rsa,
    P256,
    P384
};

/// One row of the table of algorithms.
struct JwtAlgorithmDescriptor
{
    JwtAlgorithm algorithm;
    QLatin1StringView name; ///< as in a token's "alg"
    JwtKeyType keyType;
    qsizetype signatureBytes; ///< 0: as long as the RSA key
    qsizetype minSecretBytes; ///< as long as the hash (RFC 7518, section 3.2); 0 where there is no secret
};

[[nodiscard]] const JwtAlgorithmDescriptor &jwtAlgorithm(JwtAlgorithm algorithm);
/// nullopt for what is not exactly one of the names.
[[nodiscard]] std::optional<JwtAlgorithm> parseJwtAlgorithm(QStringView name);
/// The one algorithm of a key that does not say: HS256, RS256, or the one of its curve. `preferred` takes its place
/// where it suits the type.
[[nodiscard]] JwtAlgorithm algorithmFor(JwtKeyType type, std::optional<JwtAlgorithm> preferred);

} // namespace gatehouse
