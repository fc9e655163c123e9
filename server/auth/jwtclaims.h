// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QStringList>

#include "server/auth/jwtkey.h"
#include "server/auth/tokenverifier.h"

namespace gatehouse {

/// How far the clocks of issuer and server may be apart unless JWT_LEEWAY says otherwise.
inline constexpr std::chrono::seconds kDefaultJwtLeeway{ 1 };

/// What tokens are judged by. A plain value.
struct JwtRules
{
    std::vector<JwtKey> keys; ///< at least one
    QString userClaim;        ///< empty: user_id, else sub
    QStringList adminUsers;   ///< users who have the admin role whatever their token says
    QString issuer{};         ///< what iss must be; empty: it is not looked at
    QStringList audience{};   ///< one of these must be in aud; empty: it is not looked at
    std::chrono::seconds leeway = kDefaultJwtLeeway;
};

/// The role of somebody whose token gives `ownRole`, where these users are administrators.
[[nodiscard]] inline Role roleUnder(const QString &user, Role ownRole, const QStringList &adminUsers)
{
    return adminUsers.contains(user) ? Role::Admin : ownRole;
}

/// A token that is not as it has to be.
[[nodiscard]] inline TokenRefusal invalidToken(const QString &detail)
{
    return { Reason::TokenInvalid, detail };
}

/// The claim of `gatehouse test`: true says that the connection is a test. It counts under the server's own secret
/// alone.
inline constexpr QLatin1StringView kTestClaim("gatehouse_test");

/// What the claims of a token whose signature is right say; `json` is their text. An identity that only the leeway
/// still lets in expires with the leeway; all others expire with exp. `isOwn`: by the server's own secret.
[[nodiscard]] TokenVerdict judgeClaims(const QByteArray &json, const JwtRules &rules, UtcTime now, bool isOwn = false);

} // namespace gatehouse
