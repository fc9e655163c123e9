// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwkset.h"

#include <array>
#include <variant>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/auth/base64url.h"
#include "server/auth/publickey.h"
#include "shared/util/jsonkeys.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxJwks = 64; // those that are passed over included

/// Why a JWK is not used, though nothing is wrong with it.
struct PassedOver
{
    QString why;
};
using ParsedJwk = std::variant<JwtKey, PassedOver, Error>;

Error wrong(const QString &what)
{
    return { what, {} };
}

std::optional<Error> checkMembers(const QJsonObject &jwk)
{
    for (const auto name : { "kty"_L1, "alg"_L1, "use"_L1, "kid"_L1, "crv"_L1 }) {
        if (jwk.contains(name) && !jwk.value(name).isString())
            return wrong(u"its %1 is not a string"_s.arg(name));
    }
    if (jwk.contains("key_ops"_L1) && !jwk.value("key_ops"_L1).isArray())
        return wrong(u"its key_ops is not a list"_s);
    const bool isSecret = jwk.value("kty"_L1) == "oct"_L1;
    for (const auto name : { "d"_L1, "p"_L1, "q"_L1, "dp"_L1, "dq"_L1, "qi"_L1, "oth"_L1 }) {
        if (!isSecret && jwk.contains(name))
            return wrong(
                u"is a private key; tokens are verified with the public one, and only their issuer may have this one"_s);
    }
    return std::nullopt;
}

std::optional<PassedOver> checkUse(const QJsonObject &jwk)
{
    if (jwk.value("use"_L1).toString(u"sig"_s) != "sig"_L1)
        return PassedOver{ u"its use is not \"sig\""_s };
    if (jwk.contains("key_ops"_L1) && !jwk.value("key_ops"_L1).toArray().contains("verify"_L1))
        return PassedOver{ u"its key_ops do not hold \"verify\""_s };
    return std::nullopt;
}

/// What the key says that it is; nullopt for a type or curve that is not verified here.
std::optional<JwtKeyType> typeOf(const QJsonObject &jwk)
{
    const QString type = jwk.value("kty"_L1).toString();
    const QString curve = jwk.value("crv"_L1).toString();
    if (type == "oct"_L1)
        return JwtKeyType::Secret;
    if (type == "RSA"_L1)
        return JwtKeyType::Rsa;
    if (type == "EC"_L1 && curve == "P-256"_L1)
        return JwtKeyType::P256;
    return type == "EC"_L1 && curve == "P-384"_L1 ? std::optional(JwtKeyType::P384) : std::nullopt;
}

QByteArray numberOf(const QJsonObject &jwk, QLatin1StringView name)
{
    return decodeBase64Url(jwk.value(name).toString().toLatin1());
}

ParsedJwk readSecret(const QJsonObject &jwk, JwtKey key)
{
    key.secret = numberOf(jwk, "k"_L1);
    if (key.secret.isEmpty())
        return wrong(u"its k is not base64url"_s);
    if (const std::optional<QString> problem = whyNoSecret(key.secret, key.algorithm))
        return wrong(u"its secret "_s + *problem);
    return key;
}

ParsedJwk readNumbers(const QJsonObject &jwk, JwtKeyType type, JwtKey key)
{
    const bool isRsa = type == JwtKeyType::Rsa;
    const std::array<QLatin1StringView, 2> names{ isRsa ? "n"_L1 : "x"_L1, isRsa ? "e"_L1 : "y"_L1 };
    const PublicKey numbers{ type, numberOf(jwk, names[0]), numberOf(jwk, names[1]) };
    const qsizetype length = type == JwtKeyType::P256 ? 32 : 48; // of a curve's numbers (RFC 7518, section 6.2.1.2)
    for (size_t i = 0; i < names.size(); ++i) {
        const QByteArray &number = i == 0 ? numbers.modulusOrX : numbers.exponentOrY;
        if (number.isEmpty())
            return wrong(u"its %1 is not base64url"_s.arg(names[i]));
        if (!isRsa && number.size() != length)
            return wrong(u"its %1 does not have %2 bytes"_s.arg(names[i]).arg(length));
    }
    Result<PublicKey> checked = checkPublicKey(numbers);
    if (!checked)
        return checked.error();
    key.publicKey = *std::move(checked);
    return key;
}

ParsedJwk parseJwk(const QJsonValue &value, std::optional<JwtAlgorithm> preferred)
{
    const QJsonObject jwk = value.toObject();
    if (jwk.isEmpty())
        return wrong(u"is not a JSON object"_s);
    if (std::optional<Error> error = checkMembers(jwk))
        return *std::move(error);
    if (std::optional<PassedOver> passedOver = checkUse(jwk))
        return *std::move(passedOver);
    const std::optional<JwtKeyType> type = typeOf(jwk);
    if (!type)
        return PassedOver{ u"its kty is not oct, RSA, or EC on P-256 or P-384"_s };
    JwtKey key{ jwk.value("kid"_L1).toString(), {}, algorithmFor(*type, preferred), {} };
    if (jwk.contains("alg"_L1)) {
        const std::optional<JwtAlgorithm> algorithm = parseJwtAlgorithm(jwk.value("alg"_L1).toString());
        if (!algorithm)
            return PassedOver{ u"its alg is none of those that tokens are verified with"_s };
        if (jwtAlgorithm(*algorithm).keyType != *type)
            return wrong(u"its alg does not fit its kty"_s);
        key.algorithm = *algorithm;
    }
    return *type == JwtKeyType::Secret ? readSecret(jwk, std::move(key)) : readNumbers(jwk, *type, std::move(key));
}

} // namespace

Result<JwtKeys> parseJwkSet(const QByteArray &json, const QString &fileName, std::optional<JwtAlgorithm> preferred)
{
    const QJsonDocument document = QJsonDocument::fromJson(json);
    if (!document.isObject())
        return wrong(u"%1: is not a JWK set (a JSON object with \"keys\")"_s.arg(fileName));
    if (const std::optional<QString> name = findRepeatedKey(json))
        return wrong(u"%1: has \"%2\" twice in one object"_s.arg(fileName, *name));
    const QJsonObject object = document.object();
    const QJsonArray jwks = object.contains("keys"_L1) ? object.value("keys"_L1).toArray() : QJsonArray{ object };
    if (jwks.size() > kMaxJwks)
        return wrong(u"%1: holds more than %2 keys"_s.arg(fileName).arg(kMaxJwks));

    JwtKeys read;
    for (qsizetype i = 0; i < jwks.size(); ++i) {
        const QString which = u"%1: key %2: "_s.arg(fileName).arg(i + 1);
        ParsedJwk parsed = parseJwk(jwks[i], preferred);
        if (const Error *error = std::get_if<Error>(&parsed))
            return wrong(which + error->message);
        if (const PassedOver *passedOver = std::get_if<PassedOver>(&parsed))
            read.warnings.append(which + u"is passed over: "_s + passedOver->why);
        else
            read.keys.push_back(std::get<JwtKey>(std::move(parsed)));
    }
    return read;
}

} // namespace gatehouse
