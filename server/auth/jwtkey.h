// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// HS256 needs a key at least as long as its hash (RFC 7518, 3.2).
inline constexpr qsizetype kMinSecretBytes = 32;

/// One HS256 key. A plain value.
struct JwtKey
{
    QString id;        ///< kid; empty for a key that has none
    QByteArray secret; ///< at least kMinSecretBytes
};

/// Reads a JWK set, or a single JWK, of "oct" keys for HS256. Errors begin with `fileName` and never contain key
/// material.
[[nodiscard]] Result<std::vector<JwtKey>> parseJwkSet(const QByteArray &json, const QString &fileName);

} // namespace gatehouse
