// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/tokenfile.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include "server/auth/jwtverifier.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Result<QByteArray> readTokenFile(const CliContext &context, const QString &path)
{
    QFile file(QDir(context.workingDirectory).filePath(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"--token-file: %1 cannot be read (%2)"_s.arg(path, file.errorString()), {} };
    const QByteArray token = file.read(JwtVerifier::kMaxTokenBytes + 1).trimmed();
    if (token.isEmpty() || token.size() > JwtVerifier::kMaxTokenBytes || token.contains('\n'))
        return Error{ u"--token-file: %1 does not hold one token"_s.arg(path), {} };
    return token;
}

} // namespace gatehouse
