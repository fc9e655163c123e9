// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtsigner.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QUuid>

#include "server/auth/cjosehandles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QByteArray payload(const TokenRequest &request, const QString &userClaim, UtcTime now)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    QJsonObject claims{
        { "token_type"_L1, u"access"_s },
        { "exp"_L1, qint64((seconds + request.lifetime).count()) },
        { "iat"_L1, qint64(seconds.count()) },
        { "jti"_L1, QUuid::createUuid().toString(QUuid::Id128) },
        { userClaim, request.user },
    };
    if (request.role != Role::None)
        claims.insert("role"_L1, roleName(request.role));
    if (!request.groups.isEmpty())
        claims.insert("groups"_L1, QJsonArray::fromStringList(request.groups));
    return QJsonDocument(claims).toJson(QJsonDocument::Compact);
}

CjoseHeader header(const JwtKey &key)
{
    CjoseHeader header(cjose_header_new(nullptr));
    const QByteArray id = key.id.toUtf8();
    const bool isComplete = header && cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, nullptr)
        && cjose_header_set(header.get(), "typ", "JWT", nullptr)
        && (id.isEmpty() || cjose_header_set(header.get(), CJOSE_HDR_KID, id.constData(), nullptr));
    return isComplete ? std::move(header) : CjoseHeader();
}

} // namespace

JwtSigner::JwtSigner(JwtKey key, QString userClaim)
    : m_key(std::move(key))
    , m_userClaim(userClaim.isEmpty() ? u"user_id"_s : std::move(userClaim))
{
}

Result<QByteArray> JwtSigner::sign(const TokenRequest &request, UtcTime now) const
{
    const Error failed{ u"the token cannot be signed with the configured secret"_s, u"JWT_SECRET"_s };
    const auto *secret = reinterpret_cast<const uint8_t *>(m_key.secret.constData());
    const CjoseKey key(cjose_jwk_create_oct_spec(secret, size_t(m_key.secret.size()), nullptr));
    const CjoseHeader protectedHeader = header(m_key);
    if (!key || !protectedHeader)
        return failed;
    const QByteArray text = payload(request, m_userClaim, now);
    const auto *bytes = reinterpret_cast<const uint8_t *>(text.constData());
    const CjoseSignature signature(
        cjose_jws_sign(key.get(), protectedHeader.get(), bytes, size_t(text.size()), nullptr));
    const char *token = nullptr; // belongs to the signature
    if (!signature || !cjose_jws_export(signature.get(), &token, nullptr))
        return failed;
    return QByteArray(token);
}

} // namespace gatehouse
