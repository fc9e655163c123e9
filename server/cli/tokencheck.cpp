// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/tokencheck.h"

#include "server/auth/jwtverifier.h"
#include "server/cli/tokenfile.h"
#include "server/config/keysettings.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

int checkToken(const CliContext &context, const QString &path, Settings settings)
{
    const auto fail = [&context](const Error &error) {
        context.err(u"gatehouse check: %1"_s.arg(error.message));
        return kExitUsage;
    };
    const Result<QByteArray> token = readTokenText(context, u"--token"_s, path);
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
