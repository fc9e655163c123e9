// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include <QtCore/QHashFunctions>
#include <QtCore/QString>

#include "server/base/digest.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// The first half of the SHA-256 of a token's jti. Words of four bytes, so that it fits into gaps. A plain value.
struct TokenId
{
    std::array<quint32, 4> words{}; ///< all zero for none

    friend bool operator==(const TokenId &, const TokenId &) = default;
    friend size_t qHash(const TokenId &id, size_t seed = 0) { return qHashBits(&id.words, sizeof id.words, seed); }
};

/// What is kept of a token for as long as a connection that it opened: enough to find the connection when the token is
/// revoked, in 20 bytes instead of a text. No two tokens are taken for each other, by chance or by design. A plain
/// value.
struct TokenMark
{
    TokenId id;           ///< none for a token without jti
    quint32 issuedAt = 0; ///< iat in seconds since 1970; 0 if there is none: older than everything

    TokenMark() = default;
    TokenMark(const QString &tokenId, const std::optional<UtcTime> &issued)
    {
        if (!tokenId.isEmpty()) {
            const QByteArray hash = sha256(tokenId.toUtf8());
            std::memcpy(&id.words, hash.constData(), sizeof id.words);
        }
        if (issued) {
            const auto seconds = std::chrono::floor<std::chrono::seconds>(*issued).time_since_epoch().count();
            issuedAt = quint32(std::clamp<qint64>(seconds, 0, std::numeric_limits<quint32>::max()));
        }
    }

    [[nodiscard]] bool hasId() const { return id != TokenId(); }
};

} // namespace gatehouse
