// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/signeroption.h"
#include "server/config/keysettings.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxKeyFileBytes = 64 * 1024;

} // namespace

Result<JwtSigner> signerFor(
    const CliContext &context, const Options &options, const QString &keyFlag, const Settings &settings)
{
    const QString keyId = options.value(u"--kid"_s).value_or(QString());
    const std::optional<QString> name = options.value(u"--algorithm"_s);
    const std::optional<QString> path = options.value(keyFlag);
    if (!path && (name || !keyId.isEmpty()))
        return Error{ u"--kid and --algorithm are for %1 only"_s.arg(keyFlag), {} };
    if (!path)
        return jwtSignerOf(settings);

    std::optional<JwtAlgorithm> algorithm = name ? parseJwtAlgorithm(*name) : settings.jwtAlgorithm;
    if (name && !algorithm)
        return Error{ u"--algorithm: \"%1\" is not known"_s.arg(name->left(64)), {} };
    QFile file(QDir(context.workingDirectory).filePath(*path));
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"%1: %2 cannot be read (%3)"_s.arg(keyFlag, *path, file.errorString()), {} };
    Result<JwtSigner> signer
        = JwtSigner::fromPrivateKey(file.read(kMaxKeyFileBytes), keyId, algorithm, tokenFormOf(settings));
    if (!signer)
        return Error{ u"%1: %2 %3"_s.arg(keyFlag, *path, signer.error().message), {} };
    return signer;
}

} // namespace gatehouse
