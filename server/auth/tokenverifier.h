// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/auth/identity.h"
#include "shared/protocol/reason.h"

namespace gatehouse {

/// Why a token was not accepted. `detail` is for the client and the log and never contains the token.
struct TokenRefusal
{
    Reason reason = Reason::TokenInvalid; ///< TokenMissing, TokenInvalid or TokenExpired
    QString detail;
};

using TokenVerdict = std::variant<Identity, TokenRefusal>;

/// Judges tokens. Implementations are safe to call from any thread at once.
class TokenVerifier
{
public:
    virtual ~TokenVerifier() = default;
    /// An empty token is refused with TokenMissing.
    [[nodiscard]] virtual TokenVerdict verify(QByteArrayView token, UtcTime now) const = 0;
    /// Whether a bad token may cost far more to verify than to hand to another thread, as with signatures of key pairs.
    [[nodiscard]] virtual bool isCostly() const { return true; }
};

/// A few characters that tell tokens apart in logs and decisions without revealing anything of them: the start of the
/// token's SHA-256 in hexadecimal; empty for an empty token.
[[nodiscard]] QString tokenFingerprint(QByteArrayView token);

} // namespace gatehouse
