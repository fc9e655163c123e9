// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtkey.h"

#include <algorithm>

#include "server/auth/jwkset.h"
#include "server/auth/pemkeys.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxKeyIdChars = 128;
constexpr size_t kMaxKeys = 16; // a token without kid is tried against each of its algorithm

Status checkTogether(const JwtKeys &read, const QString &fileName)
{
    const std::vector<JwtKey> &keys = read.keys;
    if (keys.empty())
        return Error{ read.warnings.isEmpty() ? u"%1: holds no key"_s.arg(fileName)
                                              : u"%1: holds no key to verify tokens with; %2"_s.arg(
                                                  fileName, read.warnings.constFirst().mid(fileName.size() + 2)),
            {} };
    if (keys.size() > kMaxKeys)
        return Error{ u"%1: holds more than %2 keys"_s.arg(fileName).arg(kMaxKeys), {} };
    for (size_t i = 0; i < keys.size(); ++i) {
        const auto end = keys.begin() + qsizetype(i);
        const QString &id = keys[i].id;
        if (id.size() > kMaxKeyIdChars)
            return Error{ u"%1: a kid is longer than %2 characters"_s.arg(fileName).arg(kMaxKeyIdChars), {} };
        if (!id.isEmpty() && std::any_of(keys.begin(), end, [&id](const JwtKey &other) { return other.id == id; }))
            return Error{ u"%1: the kid \"%2\" appears twice"_s.arg(fileName, id), {} };
    }
    return ok();
}

} // namespace

Result<JwtKeys> parseJwtKeys(
    const QByteArray &content, const QString &fileName, std::optional<JwtAlgorithm> preferred, UtcTime now)
{
    const bool isPem = content.contains("-----BEGIN ") && !content.trimmed().startsWith('{');
    Result<JwtKeys> read
        = isPem ? parsePemKeys(content, fileName, preferred, now) : parseJwkSet(content, fileName, preferred);
    if (!read)
        return read;
    if (const Status fits = checkTogether(*read, fileName); !fits)
        return fits.error();
    return read;
}

std::optional<QString> whyNoSecret(const QByteArray &secret, JwtAlgorithm algorithm)
{
    const JwtAlgorithmDescriptor &row = jwtAlgorithm(algorithm);
    if (secret.size() < row.minSecretBytes)
        return u"is %1 bytes long; %2 needs at least %3"_s.arg(secret.size()).arg(row.name).arg(row.minSecretBytes);
    // What was meant as a public key is known to everybody: as a secret it would let anybody sign.
    if (secret.contains("-----BEGIN "))
        return u"is a PEM text; name its file in JWT_KEYS_FILE instead"_s;
    return std::nullopt;
}

} // namespace gatehouse
