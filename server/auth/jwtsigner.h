// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QStringList>

#include "server/auth/jwtkey.h"
#include "shared/protocol/role.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// What a new token is to say. A plain value.
struct TokenRequest
{
    QString user; ///< not empty
    Role role = Role::None;
    QStringList groups;
    std::chrono::seconds lifetime{ 3600 };
};

/// Makes access tokens of the form that djangorestframework-simplejwt issues: token_type, exp, iat, jti and the user's
/// claim, and role and groups where they are given. Immutable, so any thread may use it.
class JwtSigner final
{
public:
    /// `userClaim`: empty for user_id.
    JwtSigner(JwtKey key, QString userClaim);

    [[nodiscard]] Result<QByteArray> sign(const TokenRequest &request, UtcTime now) const;

private:
    JwtKey m_key;
    QString m_userClaim;
};

} // namespace gatehouse
