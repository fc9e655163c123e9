// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtverifier.h"

#include <algorithm>

#include <QtCore/QJsonDocument>

#include "server/auth/base64url.h"
#include "server/auth/cjosekeys.h"
#include "server/auth/tokensentence.h"
#include "server/base/digest.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// A token taken apart, nothing of it judged.
struct TokenParts
{
    QJsonObject header;
    QByteArrayView claims; ///< still encoded
    QByteArray signature;
};

Error noSignedJwt(const QString &why)
{
    return { u"the token is not a signed JWT: "_s + why, {} };
}

Result<TokenParts> takeApart(QByteArrayView token)
{
    const qsizetype firstDot = token.indexOf('.');
    const qsizetype secondDot = token.lastIndexOf('.');
    const bool hasThreeParts = firstDot >= 0 && secondDot > firstDot && token.indexOf('.', firstDot + 1) == secondDot;
    if (!hasThreeParts) // a JWE has five
        return noSignedJwt(u"it does not have three parts with a dot between them"_s);
    TokenParts parts;
    parts.claims = token.sliced(firstDot + 1, secondDot - firstDot - 1);
    const QByteArrayView signature = token.sliced(secondDot + 1);
    if (signature.isEmpty())
        return noSignedJwt(u"its signature is empty"_s);
    parts.signature = decodeBase64Url(signature);
    if (parts.signature.isEmpty())
        return noSignedJwt(u"its signature is not base64url"_s);
    const QByteArray json = decodeBase64Url(token.first(firstDot));
    const QJsonDocument document = json.isEmpty() ? QJsonDocument() : QJsonDocument::fromJson(json);
    if (!document.isObject())
        return noSignedJwt(u"its header is not a JSON object in base64url"_s);
    if (parts.claims.isEmpty())
        return noSignedJwt(u"it has no claims"_s);
    parts.header = document.object();
    return parts;
}

/// A media type (RFC 7515 section 4.1.9): its case does not matter, and "application/" may be left out.
bool isAccessTokenType(QStringView type)
{
    constexpr auto kOmitted = "application/"_L1;
    if (type.startsWith(kOmitted, Qt::CaseInsensitive))
        type = type.sliced(kOmitted.size());
    return type.compare("JWT"_L1, Qt::CaseInsensitive) == 0     // RFC 7519 section 5.1
        || type.compare("at+jwt"_L1, Qt::CaseInsensitive) == 0; // RFC 9068 section 2.1
}

/// Why a header is not one that we accept, whatever the key; nullopt if it is.
std::optional<QString> judgeHeader(const QJsonObject &header)
{
    // Whatever would have us take a key from the token, or understand more than plain JWS. A mere hint which key it was
    // (x5t), or what we do not know, is passed over (RFC 7515 section 4).
    for (const auto name : { "crit"_L1, "jku"_L1, "jwk"_L1, "x5u"_L1, "x5c"_L1, "b64"_L1, "zip"_L1, "enc"_L1 }) {
        if (header.contains(name))
            return u"the token's header has %1, which is not allowed"_s.arg(name);
    }
    if (header.contains("typ"_L1) && !isAccessTokenType(header.value("typ"_L1).toString()))
        return u"the token's typ%1 is neither JWT nor at+jwt"_s.arg(quotedName(header.value("typ"_L1)));
    if (header.contains("kid"_L1) && !header.value("kid"_L1).isString())
        return u"the token's kid is not a string"_s;
    if (header.value("kid"_L1).toString().contains("../"_L1)) // it is no file to us; whoever sends that hopes it is
        return u"the token's kid is a path"_s;
    return std::nullopt;
}

/// cjose reads the header itself: what it goes by must be what we judged.
bool hasAlgorithm(cjose_jws_t *signature, QLatin1StringView name)
{
    const char *read = cjose_header_get(cjose_jws_get_protected(signature), CJOSE_HDR_ALG, nullptr);
    return read && name == QLatin1StringView(read);
}

} // namespace

QString tokenFingerprint(QByteArrayView token)
{
    constexpr qsizetype kFingerprintChars = 12;
    if (token.isEmpty())
        return {};
    const QByteArray hash = sha256(token);
    return QString::fromLatin1(hash.toHex().left(kFingerprintChars));
}

/// A key, ready for use.
struct JwtVerifier::Key
{
    QString id;
    const JwtAlgorithmDescriptor *algorithm;
    qsizetype signatureBytes;
    bool isOwn;
    CjoseKey handle;
};

Result<std::unique_ptr<JwtVerifier>> JwtVerifier::create(JwtRules rules)
{
    std::vector<Key> keys;
    for (const JwtKey &key : rules.keys) {
        CjoseKey handle = makeCjoseKey(key);
        if (!handle)
            return Error{ u"a key for tokens cannot be used"_s, key.isSecret() ? u"JWT_SECRET"_s : u"JWT_KEYS_FILE"_s };
        const JwtAlgorithmDescriptor &algorithm = jwtAlgorithm(key.algorithm);
        const bool isRsa = algorithm.keyType == JwtKeyType::Rsa;
        keys.push_back({ key.id, &algorithm, isRsa ? key.publicKey.modulusOrX.size() : algorithm.signatureBytes,
            key.isOwn, std::move(handle) });
    }
    if (keys.empty())
        return Error{ u"there is no key to verify tokens with"_s, u"JWT_SECRET"_s };
    return std::unique_ptr<JwtVerifier>(new JwtVerifier(std::move(keys), std::move(rules)));
}

JwtVerifier::JwtVerifier(std::vector<Key> keys, JwtRules rules)
    : m_keys(std::move(keys))
    , m_rules(std::move(rules))
    , m_isCostly(std::any_of(
          m_keys.begin(), m_keys.end(), [](const Key &key) { return key.algorithm->keyType != JwtKeyType::Secret; }))
{
}

JwtVerifier::~JwtVerifier() = default;

TokenVerdict JwtVerifier::verify(QByteArrayView token, UtcTime now) const
{
    if (token.isEmpty())
        return TokenRefusal{ Reason::TokenMissing, u"no token was sent"_s };
    if (token.size() > kMaxTokenBytes)
        return invalidToken(u"the token is longer than %1 bytes"_s.arg(kMaxTokenBytes));

    const Result<TokenParts> parts = takeApart(token);
    if (!parts)
        return invalidToken(parts.error().message);
    if (const std::optional<QString> problem = judgeHeader(parts->header))
        return invalidToken(*problem);
    const Result<const Key *> key = judgeSignature(parts->header, token, parts->signature.size());
    if (!key)
        return invalidToken(key.error().message);
    return judgeClaims(decodeBase64Url(parts->claims), m_rules, now, (*key)->isOwn);
}

Result<const JwtVerifier::Key *> JwtVerifier::judgeSignature(
    const QJsonObject &header, QByteArrayView token, qsizetype signatureBytes) const
{
    const QString algorithm = header.value("alg"_L1).toString();
    QString keyId = header.value("kid"_L1).toString();
    const bool isNamed = !keyId.isEmpty();
    const auto count = [this](const QString &id) {
        return std::count_if(m_keys.begin(), m_keys.end(), [&id](const Key &key) { return key.id == id; });
    };
    // A hint (RFC 7515 section 4.1.4): the only key without a name may be the one that the issuer calls so.
    if (isNamed && count(keyId) == 0 && count({}) == 1)
        keyId.clear();
    std::vector<const Key *> candidates;
    for (const Key &key : m_keys) {
        if (!isNamed || key.id == keyId)
            candidates.push_back(&key);
    }
    for (const Key *key : candidates) {
        // The length also keeps an ES256 signature in DER, or a short one, from being looked at.
        if (algorithm != key->algorithm->name || signatureBytes != key->signatureBytes)
            continue;
        // A CjoseSignature remembers the outcome of a verification, so each key gets a fresh one.
        const CjoseSignature signature(cjose_jws_import(token.data(), size_t(token.size()), nullptr));
        if (signature && hasAlgorithm(signature.get(), key->algorithm->name)
            && cjose_jws_verify(signature.get(), key->handle.get(), nullptr))
            return key;
    }
    return Error{ candidates.empty()
            ? u"the token's kid%1 is none of the keys"_s.arg(quotedName(header.value("kid"_L1)))
            : whyNone(candidates, header.value("alg"_L1), signatureBytes),
        {} };
}

QString JwtVerifier::whyNone(
    const std::vector<const Key *> &keys, const QJsonValue &algorithm, qsizetype signatureBytes)
{
    QStringList algorithms;
    bool hasLength = false;
    for (const Key *key : keys) {
        if (const QString name = key->algorithm->name; !algorithms.contains(name))
            algorithms.append(name);
        hasLength = hasLength || (algorithm == key->algorithm->name && signatureBytes == key->signatureBytes);
    }
    if (!algorithms.contains(algorithm.toString()))
        return u"the token's alg%1 is not %2"_s.arg(quotedName(algorithm), algorithms.join(u" or "));
    if (!hasLength)
        return u"the token's signature has %1 bytes, as no key of %2 makes"_s.arg(signatureBytes)
            .arg(algorithm.toString());
    const bool isOne = keys.size() == 1 && !keys.front()->id.isEmpty();
    return isOne ? u"the token's signature does not fit the key%1"_s.arg(quotedName(keys.front()->id))
                 : u"the token's signature does not fit any key"_s;
}

} // namespace gatehouse
