// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keysettings.h"

#include <algorithm>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include "server/config/statedirectory.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxKeysFileBytes = 256 * 1024;

Result<QByteArray> readKeysFile(const QString &path)
{
    const auto failed = [&path](const QString &why) { return Error{ u"%1: %2"_s.arg(path, why), u"JWT_KEYS_FILE"_s }; };
    QFile file(path);
    // To open a pipe would wait for its writer: for ever, while the server runs.
    if (file.exists() && !QFileInfo(path).isFile())
        return failed(u"is not a regular file"_s);
    if (!file.open(QIODevice::ReadOnly))
        return failed(u"cannot be read (%1)"_s.arg(file.errorString()));
    QByteArray content = file.read(kMaxKeysFileBytes + 1);
    if (content.size() > kMaxKeysFileBytes)
        return failed(u"is larger than %1 KiB"_s.arg(kMaxKeysFileBytes / 1024));
    return content;
}

Status checkAlgorithm(const Settings &settings)
{
    if (!settings.jwtAlgorithm)
        return ok();
    const bool isUsed = std::any_of(settings.jwtKeys.begin(), settings.jwtKeys.end(),
        [&settings](const JwtKey &key) { return key.algorithm == *settings.jwtAlgorithm; });
    if (isUsed)
        return ok();
    return Error{ u"no key is for %1; see JWT_SECRET and JWT_KEYS_FILE"_s.arg(
                      jwtAlgorithm(*settings.jwtAlgorithm).name),
        u"JWT_ALGORITHM"_s };
}

} // namespace

Result<std::optional<JwtAlgorithm>> parseAlgorithmSetting(QStringView text)
{
    const std::optional<JwtAlgorithm> algorithm = parseJwtAlgorithm(text);
    if (!algorithm && !text.isEmpty())
        return Error{ u"\"%1\" is not HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256 or ES384"_s.arg(
                          text.toString().left(64)),
            {} };
    return algorithm;
}

Result<QStringList> addConfiguredKeys(
    Settings &settings, const std::optional<QByteArray> &secret, const QString &keysFile, UtcTime now)
{
    QStringList warnings;
    if (secret) {
        const JwtAlgorithm algorithm = algorithmFor(JwtKeyType::Secret, settings.jwtAlgorithm);
        if (const std::optional<QString> problem = whyNoSecret(*secret, algorithm))
            return Error{ *problem, u"JWT_SECRET"_s };
        settings.jwtKeys.push_back({ {}, *secret, algorithm, {}, {}, true });
    }
    if (!keysFile.isEmpty()) {
        const Result<QByteArray> content = readKeysFile(keysFile);
        if (!content)
            return content.error();
        Result<JwtKeys> read = parseJwtKeys(*content, keysFile, settings.jwtAlgorithm, now);
        if (!read)
            return Error{ read.error().message, u"JWT_KEYS_FILE"_s };
        settings.jwtKeys.insert(settings.jwtKeys.end(), read->keys.begin(), read->keys.end());
        warnings = read->warnings;
    }
    if (settings.jwtKeys.empty())
        return warnings;
    if (const Status fits = checkAlgorithm(settings); !fits)
        return fits.error();
    const auto first = std::find_if(
        settings.jwtKeys.begin(), settings.jwtKeys.end(), [](const JwtKey &key) { return key.isSecret(); });
    if (first != settings.jwtKeys.end())
        settings.jwtSecret = first->secret;
    return warnings;
}

Status addKeptKey(Settings &settings)
{
    Result<QByteArray> secret = readSecret(settings.stateDir);
    if (!secret)
        return secret.error();
    settings.jwtSecret = *secret;
    settings.jwtKeys.push_back({ {}, *std::move(secret), JwtAlgorithm::Hs256, {}, {}, true });
    return checkAlgorithm(settings);
}

JwtRules jwtRulesOf(const Settings &settings)
{
    return { settings.jwtKeys, settings.jwtUserClaim, settings.adminUsers, settings.jwtIssuer, settings.jwtAudience,
        settings.jwtLeeway };
}

TokenForm tokenFormOf(const Settings &settings)
{
    return { settings.jwtUserClaim, settings.jwtIssuer, settings.jwtAudience.value(0) };
}

Result<JwtSigner> jwtSignerOf(const Settings &settings)
{
    if (settings.jwtKeys.empty()) {
        Settings complete = settings;
        const Status added = addKeptKey(complete);
        return added ? jwtSignerOf(complete) : Result<JwtSigner>(added.error());
    }
    const auto secret = std::find_if(
        settings.jwtKeys.begin(), settings.jwtKeys.end(), [](const JwtKey &key) { return key.isSecret(); });
    if (secret == settings.jwtKeys.end())
        return Error{ u"no secret is configured, only public keys (JWT_KEYS_FILE): they verify tokens, but only who has"
                      " the private key can sign one"_s,
            u"JWT_KEYS_FILE"_s };
    return JwtSigner(*secret, tokenFormOf(settings));
}

} // namespace gatehouse
