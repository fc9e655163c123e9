// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/tokenfile.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include "server/auth/jwtverifier.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Result<QByteArray> readTokenText(const CliContext &context, const QString &option, const QString &path)
{
    constexpr qint64 kMost = JwtVerifier::kMaxTokenBytes + 2; // a line's end, and what shows that it is too long
    if (path == "-"_L1)
        return context.in(kMost).trimmed();
    // Before it is taken for a file's name: the message would repeat it.
    if (path.count(u'.') >= 2 && path.startsWith("eyJ"_L1))
        return Error{
            u"%1: name a file that holds the token, or - for standard input, not the token itself"_s.arg(option), {}
        };
    QFile file(QDir(context.workingDirectory).filePath(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"%1: %2 cannot be read (%3)"_s.arg(option, path, file.errorString()), {} };
    return file.read(kMost).trimmed();
}

Result<QByteArray> readTokenFile(const CliContext &context, const QString &option, const QString &path)
{
    Result<QByteArray> token = readTokenText(context, option, path);
    if (token && (token->isEmpty() || token->size() > JwtVerifier::kMaxTokenBytes || token->contains('\n')))
        return Error{ u"%1: %2 does not hold one token"_s.arg(option, path == "-"_L1 ? u"standard input"_s : path),
            {} };
    return token;
}

} // namespace gatehouse
