// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>

#include <QtCore/QStringList>

#include "server/auth/jwtkey.h"
#include "shared/protocol/role.h"

struct _cjose_jwk_int;

namespace gatehouse {

/// What a new token is to say. A plain value.
struct TokenRequest
{
    QString user; ///< not empty
    Role role = Role::None;
    QStringList groups;
    std::chrono::seconds lifetime{ 3600 };
    bool isTest = false; ///< for the connection test, which uses no reconnect budget
};

/// What every new token says. A plain value.
struct TokenForm
{
    QString userClaim{}; ///< empty for user_id
    QString issuer{};    ///< empty for none, as the next
    QString audience{};
};

/// Makes access tokens of the form that djangorestframework-simplejwt issues: token_type, exp, iat, jti and the user's
/// claim, and role and groups where they are given. Immutable, so any thread may use it.
class JwtSigner final
{
public:
    /// Signs with a shared secret; a public key signs nothing.
    JwtSigner(const JwtKey &key, TokenForm form);

    /// Signs with a private key (RSA, P-256 or P-384) as an unencrypted PEM text. `algorithm`: nullopt for the usual
    /// one of the key. Errors never contain key material.
    [[nodiscard]] static Result<JwtSigner> fromPrivateKey(
        const QByteArray &pem, const QString &keyId, std::optional<JwtAlgorithm> algorithm, TokenForm form);

    [[nodiscard]] Result<QByteArray> sign(const TokenRequest &request, UtcTime now) const;

private:
    JwtSigner(std::shared_ptr<_cjose_jwk_int> key, QString keyId, JwtAlgorithm algorithm, TokenForm form);
    [[nodiscard]] QByteArray payload(const TokenRequest &request, UtcTime now) const;

    std::shared_ptr<_cjose_jwk_int> m_key; ///< null if cjose does not take it; only read
    QString m_keyId;
    JwtAlgorithm m_algorithm;
    TokenForm m_form;
};

} // namespace gatehouse
