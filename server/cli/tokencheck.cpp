// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/tokencheck.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include "server/auth/jwtverifier.h"
#include "server/config/keysettings.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

Result<QByteArray> readToken(const CliContext &context, const QString &path)
{
    constexpr qint64 kMost = JwtVerifier::kMaxTokenBytes + 2; // a line's end, and what shows that it is too long
    if (path == "-"_L1)
        return context.in(kMost).trimmed();
    // Everybody on the machine reads the arguments of a process, and the message would repeat it.
    if (path.count(u'.') >= 2 && path.startsWith("eyJ"_L1))
        return Error{ u"--token: name a file that holds the token, or - for standard input, not the token itself"_s,
            {} };
    QFile file(QDir(context.workingDirectory).filePath(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"--token: %1 cannot be read (%2)"_s.arg(path, file.errorString()), {} };
    return file.read(kMost).trimmed();
}

} // namespace

int checkToken(const CliContext &context, const QString &path, Settings settings)
{
    const auto fail = [&context](const Error &error) {
        context.err(u"gatehouse check: %1"_s.arg(error.message));
        return kExitUsage;
    };
    const Result<QByteArray> token = readToken(context, path);
    if (!token)
        return fail(token.error());
    if (const Status kept = settings.jwtKeys.empty() ? addKeptKey(settings) : ok(); !kept)
        return fail(kept.error());
    const Result<std::unique_ptr<JwtVerifier>> verifier = JwtVerifier::create(jwtRulesOf(settings));
    if (!verifier)
        return fail(verifier.error());
    const TokenVerdict verdict = (*verifier)->verify(*token, context.clock.utc());
    if (const TokenRefusal *bad = std::get_if<TokenRefusal>(&verdict)) {
        context.out(bad->reason == Reason::TokenMissing ? u"there is no token in it"_s : bad->detail);
        return kExitFailed;
    }
    context.out(u"accepted as user %1"_s.arg(std::get<Identity>(verdict).user));
    return kExitOk;
}

} // namespace gatehouse
