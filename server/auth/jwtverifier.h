// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

#include "server/auth/jwtkey.h"
#include "server/auth/tokenverifier.h"
#include "shared/util/result.h"

namespace gatehouse {

struct Settings;

/// What tokens are judged by. A plain value.
struct JwtRules
{
    std::vector<JwtKey> keys; ///< at least one
    QString userClaim;        ///< empty: user_id, else sub
    QStringList adminUsers;   ///< users who have the admin role whatever their token says

    [[nodiscard]] static JwtRules from(const Settings &settings);
};

/// Accepts JWTs as djangorestframework-simplejwt issues them: HS256, access tokens. The algorithm is that of our keys
/// and never taken from the token; a token that names a key (kid) is verified by that key alone. Immutable, so any
/// thread may use it.
class JwtVerifier final : public TokenVerifier
{
public:
    /// Tokens longer than this are refused unread.
    static constexpr qsizetype kMaxTokenBytes = 8 * 1024;
    /// How far the clocks of issuer and server may be apart.
    static constexpr std::chrono::seconds kLeeway{ 1 };

    /// Fails only if there is no key, or one that cjose does not take.
    [[nodiscard]] static Result<std::unique_ptr<JwtVerifier>> create(JwtRules rules);
    ~JwtVerifier() override;
    Q_DISABLE_COPY_MOVE(JwtVerifier)

    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime now) const override;

private:
    struct Keys;
    JwtVerifier(std::unique_ptr<Keys> keys, JwtRules rules);
    [[nodiscard]] TokenVerdict judgeClaims(const QJsonObject &claims, UtcTime now) const;
    [[nodiscard]] QString userOf(const QJsonObject &claims) const;
    [[nodiscard]] Role roleOf(const QJsonObject &claims, const QString &user) const;

    std::unique_ptr<Keys> m_keys;
    JwtRules m_rules;
};

} // namespace gatehouse
