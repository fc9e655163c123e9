// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtkey.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/auth/cjosehandles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxKeys = 16; // a token without kid is tried against each
constexpr qsizetype kMaxKeyIdChars = 128;

Result<JwtKey> parseJwk(const QJsonObject &jwk)
{
    if (jwk.value("kty"_L1).toString() != "oct"_L1)
        return Error{ u"its kty is not \"oct\"; only shared secrets are supported"_s, {} };
    const QJsonValue algorithm = jwk.value("alg"_L1);
    if (algorithm.toString(u"HS256"_s) != "HS256"_L1 || !(algorithm.isUndefined() || algorithm.isString()))
        return Error{ u"its alg is not HS256"_s, {} };
    if (jwk.value("use"_L1).toString(u"sig"_s) != "sig"_L1)
        return Error{ u"its use is not \"sig\""_s, {} };
    if (jwk.contains("kid"_L1) && !jwk.value("kid"_L1).isString())
        return Error{ u"its kid is not a string"_s, {} };
    JwtKey key{ jwk.value("kid"_L1).toString(), {} };
    if (key.id.size() > kMaxKeyIdChars)
        return Error{ u"its kid is longer than %1 characters"_s.arg(kMaxKeyIdChars), {} };

    const QByteArray text = QJsonDocument(jwk).toJson(QJsonDocument::Compact);
    cjose_err error{};
    const CjoseKey imported(cjose_jwk_import(text.constData(), size_t(text.size()), &error));
    if (!imported)
        return Error{ u"its k is not base64url"_s, {} };
    const size_t bits = cjose_jwk_get_keysize(imported.get(), &error);
    const void *secret = cjose_jwk_get_keydata(imported.get(), &error);
    if (!secret || bits / 8 < size_t(kMinSecretBytes))
        return Error{ u"its secret is shorter than %1 bytes"_s.arg(kMinSecretBytes), {} };
    key.secret = QByteArray(static_cast<const char *>(secret), qsizetype(bits / 8));
    return key;
}

} // namespace

Result<std::vector<JwtKey>> parseJwkSet(const QByteArray &json, const QString &fileName)
{
    QJsonParseError parseError{};
    const QJsonDocument document = QJsonDocument::fromJson(json, &parseError);
    if (!document.isObject())
        return Error{
            u"%1: is not a JWK set (a JSON object with \"keys\"); PEM files are not supported by this version"_s.arg(
                fileName),
            {}
        };
    const QJsonObject object = document.object();
    const QJsonArray jwks = object.contains("keys"_L1) ? object.value("keys"_L1).toArray() : QJsonArray{ object };
    if (jwks.isEmpty())
        return Error{ u"%1: holds no key"_s.arg(fileName), {} };
    if (jwks.size() > kMaxKeys)
        return Error{ u"%1: holds more than %2 keys"_s.arg(fileName).arg(kMaxKeys), {} };

    std::vector<JwtKey> keys;
    for (qsizetype i = 0; i < jwks.size(); ++i) {
        Result<JwtKey> key = parseJwk(jwks[i].toObject());
        if (!key)
            return Error{ u"%1: key %2: %3"_s.arg(fileName).arg(i + 1).arg(key.error().message), {} };
        const bool isRepeated = std::any_of(keys.begin(), keys.end(),
            [&key](const JwtKey &other) { return !other.id.isEmpty() && other.id == key->id; });
        if (isRepeated)
            return Error{ u"%1: key %2: its kid appears twice"_s.arg(fileName).arg(i + 1), {} };
        keys.push_back(*std::move(key));
    }
    return keys;
}

} // namespace gatehouse
