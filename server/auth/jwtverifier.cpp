// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtverifier.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QtCore/QCryptographicHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "server/auth/cjosehandles.h"
#include "server/config/settings.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxIdChars = 128;
constexpr qsizetype kMaxGroups = 100;
constexpr double kLatestSeconds = 253'402'300'799; // the end of the year 9999

TokenRefusal invalid(const QString &detail)
{
    return { Reason::TokenInvalid, detail };
}

/// The bytes of canonical base64url without padding: what encodes to exactly this text. Null for everything else.
QByteArray decodeCanonical(QByteArrayView text)
{
    constexpr auto kOptions = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
    const auto decoded
        = QByteArray::fromBase64Encoding(text.toByteArray(), kOptions | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.isEmpty() || decoded.decoded.toBase64(kOptions) != text)
        return {};
    return decoded.decoded;
}

std::optional<QJsonObject> decodeObject(QByteArrayView text)
{
    const QByteArray json = decodeCanonical(text);
    const QJsonDocument document = json.isEmpty() ? QJsonDocument() : QJsonDocument::fromJson(json);
    return document.isObject() ? std::optional(document.object()) : std::nullopt;
}

/// Why a header is not one that we accept; nullopt if it is.
std::optional<QString> judgeHeader(const QJsonObject &header)
{
    if (header.value("alg"_L1) != "HS256"_L1)
        return u"the token's algorithm is not HS256"_s;
    // Whatever would have us take a key from the token, or understand more than plain JWS.
    for (const auto name :
        { "crit"_L1, "jku"_L1, "jwk"_L1, "x5u"_L1, "x5c"_L1, "x5t"_L1, "x5t#S256"_L1, "b64"_L1, "zip"_L1, "enc"_L1 }) {
        if (header.contains(name))
            return u"the token's header has %1, which is not allowed"_s.arg(name);
    }
    const QString type = header.value("typ"_L1).toString(header.contains("typ"_L1) ? u""_s : u"JWT"_s).toLower();
    if (type != "jwt"_L1 && type != "at+jwt"_L1)
        return u"the token's typ is not JWT"_s;
    if (header.contains("kid"_L1) && !header.value("kid"_L1).isString())
        return u"the token's kid is not a string"_s;
    return std::nullopt;
}

/// A NumericDate (RFC 7519); nullopt for what is not a number in the range of dates.
std::optional<UtcTime> numericDate(const QJsonValue &value)
{
    const double seconds = value.isDouble() ? value.toDouble() : -1;
    if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatestSeconds)
        return std::nullopt;
    return UtcTime(std::chrono::milliseconds(qint64(seconds * 1000)));
}

/// What is wrong with the token's times; nullopt if nothing is. `expiresAt` gets exp.
std::optional<TokenRefusal> judgeTimes(const QJsonObject &claims, UtcTime now, UtcTime &expiresAt)
{
    const std::optional<UtcTime> expiry = numericDate(claims.value("exp"_L1));
    if (!expiry)
        return invalid(claims.contains("exp"_L1) ? u"the token's exp is not a date"_s : u"the token has no exp"_s);
    for (const auto name : { "nbf"_L1, "iat"_L1 }) {
        if (!claims.contains(name))
            continue;
        const std::optional<UtcTime> time = numericDate(claims.value(name));
        if (!time)
            return invalid(u"the token's %1 is not a date"_s.arg(name));
        if (*time > now + JwtVerifier::kLeeway)
            return invalid(u"the token's %1 is in the future"_s.arg(name));
    }
    if (now >= *expiry + JwtVerifier::kLeeway)
        return TokenRefusal{ Reason::TokenExpired, u"the token has expired"_s };
    expiresAt = *expiry;
    return std::nullopt;
}

bool isPlainId(const QString &id)
{
    return !id.isEmpty() && id.size() <= kMaxIdChars && id.isValidUtf16()
        && std::all_of(id.begin(), id.end(), [](QChar c) { return c.category() != QChar::Other_Control; });
}

QStringList groupsOf(const QJsonObject &claims)
{
    QStringList groups;
    const QJsonArray listed = claims.value("groups"_L1).toArray();
    for (const QJsonValue &value : listed) {
        const QString group = value.toString();
        if (isPlainId(group) && groups.size() < kMaxGroups && !groups.contains(group))
            groups.append(group);
    }
    return groups;
}

} // namespace

QString tokenFingerprint(QByteArrayView token)
{
    constexpr qsizetype kFingerprintChars = 12;
    if (token.isEmpty())
        return {};
    const QByteArray hash = QCryptographicHash::hash(token, QCryptographicHash::Sha256);
    return QString::fromLatin1(hash.toHex().left(kFingerprintChars));
}

JwtRules JwtRules::from(const Settings &settings)
{
    return { settings.jwtKeys, settings.jwtUserClaim, settings.adminUsers };
}

/// The rules' keys as cjose wants them, in the same order. cjose only reads them when it verifies.
struct JwtVerifier::Keys
{
    std::vector<CjoseKey> handles;
};

Result<std::unique_ptr<JwtVerifier>> JwtVerifier::create(JwtRules rules)
{
    auto keys = std::make_unique<Keys>();
    for (const JwtKey &key : rules.keys) {
        const auto *secret = reinterpret_cast<const uint8_t *>(key.secret.constData());
        cjose_err error{};
        CjoseKey handle(cjose_jwk_create_oct_spec(secret, size_t(key.secret.size()), &error));
        if (!handle)
            return Error{ u"a key for tokens cannot be used (%1)"_s.arg(QString::fromLatin1(error.message)),
                u"JWT_SECRET"_s };
        keys->handles.push_back(std::move(handle));
    }
    if (keys->handles.empty())
        return Error{ u"there is no key to verify tokens with"_s, u"JWT_SECRET"_s };
    return std::unique_ptr<JwtVerifier>(new JwtVerifier(std::move(keys), std::move(rules)));
}

JwtVerifier::JwtVerifier(std::unique_ptr<Keys> keys, JwtRules rules)
    : m_keys(std::move(keys))
    , m_rules(std::move(rules))
{
}

JwtVerifier::~JwtVerifier() = default;

TokenVerdict JwtVerifier::verify(QByteArrayView token, UtcTime now) const
{
    if (token.isEmpty())
        return TokenRefusal{ Reason::TokenMissing, u"no token was sent"_s };
    if (token.size() > kMaxTokenBytes)
        return invalid(u"the token is longer than %1 bytes"_s.arg(kMaxTokenBytes));

    const qsizetype firstDot = token.indexOf('.');
    const qsizetype secondDot = token.lastIndexOf('.');
    constexpr qsizetype kSignatureChars = 43; // 32 bytes
    const bool hasThreeParts = firstDot > 0 && token.indexOf('.', firstDot + 1) == secondDot && secondDot > firstDot;
    if (!hasThreeParts || token.size() - secondDot - 1 != kSignatureChars
        || decodeCanonical(token.sliced(secondDot + 1)).isEmpty())
        return invalid(u"the token is not a signed JWT (HS256)"_s);
    const std::optional<QJsonObject> header = decodeObject(token.first(firstDot));
    const std::optional<QJsonObject> claims = decodeObject(token.sliced(firstDot + 1, secondDot - firstDot - 1));
    if (!header || !claims)
        return invalid(u"the token is not a signed JWT (HS256)"_s);
    if (const std::optional<QString> problem = judgeHeader(*header))
        return invalid(*problem);

    const QString keyId = header->value("kid"_L1).toString();
    bool isKeyKnown = false;
    for (size_t i = 0; i < m_keys->handles.size(); ++i) {
        if (!keyId.isEmpty() && m_rules.keys[i].id != keyId)
            continue;
        isKeyKnown = true;
        // A CjoseSignature remembers the outcome of a verification, so each key gets a fresh one.
        const CjoseSignature signature(cjose_jws_import(token.data(), size_t(token.size()), nullptr));
        if (signature && cjose_jws_verify(signature.get(), m_keys->handles[i].get(), nullptr))
            return judgeClaims(*claims, now);
    }
    return invalid(isKeyKnown ? u"the token's signature is wrong"_s : u"the token's key is unknown"_s);
}

TokenVerdict JwtVerifier::judgeClaims(const QJsonObject &claims, UtcTime now) const
{
    UtcTime expiresAt{};
    if (std::optional<TokenRefusal> refusal = judgeTimes(claims, now, expiresAt))
        return *std::move(refusal);
    if (claims.contains("token_type"_L1) && claims.value("token_type"_L1) != "access"_L1)
        return invalid(u"the token is not an access token"_s);
    Identity identity;
    identity.user = userOf(claims);
    if (identity.user.isEmpty())
        return invalid(u"the token does not say who the user is (%1)"_s.arg(
            m_rules.userClaim.isEmpty() ? u"user_id or sub"_s : m_rules.userClaim));
    identity.role = roleOf(claims, identity.user);
    identity.groups = groupsOf(claims);
    identity.expiresAt = expiresAt;
    identity.issuedAt = numericDate(claims.value("iat"_L1));
    if (const QString tokenId = claims.value("jti"_L1).toString(); isPlainId(tokenId))
        identity.tokenId = tokenId;
    return identity;
}

QString JwtVerifier::userOf(const QJsonObject &claims) const
{
    QJsonValue value;
    if (!m_rules.userClaim.isEmpty())
        value = claims.value(m_rules.userClaim);
    else
        value = claims.contains("user_id"_L1) ? claims.value("user_id"_L1) : claims.value("sub"_L1);

    if (value.isString())
        return isPlainId(value.toString()) ? value.toString() : QString();
    const qint64 number = value.toInteger(-1);
    return value.isDouble() && number >= 0 ? QString::number(number) : QString();
}

Role JwtVerifier::roleOf(const QJsonObject &claims, const QString &user) const
{
    const bool isStaff = claims.value("is_staff"_L1) == QJsonValue(true);
    if (isStaff || m_rules.adminUsers.contains(user))
        return Role::Admin;
    return parseRole(claims.value("role"_L1).toString()).value_or(Role::None);
}

} // namespace gatehouse
