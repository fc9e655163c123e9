// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/tokencommand.h"

#include <algorithm>

#include "server/auth/jwtsigner.h"
#include "server/auth/jwtverifier.h"
#include "server/cli/clisettings.h"
#include "server/cli/signeroption.h"
#include "shared/protocol/name.h"
#include "shared/util/duration.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool isPlainId(const QString &id)
{
    return !id.trimmed().isEmpty() && isName(id);
}

Result<TokenRequest> readRequest(const Options &options)
{
    TokenRequest request;
    request.user = *options.value(u"--user"_s);
    if (!isPlainId(request.user))
        return Error{ u"--user: must be 1 to %1 characters, none of them control characters"_s.arg(kMaxNameChars), {} };
    if (const auto text = options.value(u"--role"_s)) {
        const std::optional<Role> role = parseRole(*text);
        if (!role)
            return Error{ u"--role: \"%1\" is not viewer, publisher, operator or admin"_s.arg(*text), {} };
        request.role = *role;
    }
    request.groups = options.values(u"--group"_s);
    for (const QString &group : std::as_const(request.groups)) {
        if (!isPlainId(group))
            return Error{ u"--group: must be 1 to %1 characters, none of them control characters"_s.arg(kMaxNameChars),
                {} };
    }
    if (const auto text = options.value(u"--expires"_s)) {
        const Result<std::chrono::seconds> lifetime = parseDuration(*text);
        if (!lifetime)
            return Error{ u"--expires: "_s + lifetime.error().message, {} };
        if (lifetime->count() == 0)
            return Error{ u"--expires: must be at least one second"_s, {} };
        request.lifetime = *lifetime;
    }
    return request;
}

int runToken(const CliContext &context, const Options &options)
{
    const Result<TokenRequest> request = readRequest(options);
    if (!request) {
        context.err(u"gatehouse token: %1"_s.arg(request.error().message));
        return kExitUsage;
    }
    const auto loaded = loadForCommand(context, u"token"_s, options.rest());
    if (const int *exitCode = std::get_if<int>(&loaded))
        return *exitCode;
    const Settings &settings = std::get<LoadedSettings>(loaded).settings;
    const Result<JwtSigner> signer = signerFor(context, options, u"--key"_s, settings);
    if (!signer) {
        context.err(u"gatehouse token: %1"_s.arg(signer.error().message));
        return kExitUsage;
    }
    const Result<QByteArray> token = signer->sign(*request, context.clock.utc());
    if (!token || token->size() > JwtVerifier::kMaxTokenBytes) {
        context.err(u"gatehouse token: %1"_s.arg(
            token ? u"the token would be too long to be accepted"_s : token.error().message));
        return kExitFailed;
    }
    context.out(QString::fromLatin1(*token));
    return kExitOk;
}

} // namespace

Command tokenCommand()
{
    return { u"token"_s, u"Prints a JWT signed with the configured secret, or with a private key."_s,
        { { u"--user"_s, u"ID"_s, u"The user's id."_s, false, true },
            { u"--role"_s, u"ROLE"_s, u"viewer, publisher, operator or admin; by default none."_s },
            { u"--group"_s, u"NAME"_s, u"A group that the user is in."_s, true },
            { u"--expires"_s, u"TIME"_s, u"How long it is valid, as in 90s, 15m, 1h, 30d; by default 1h."_s },
            { u"--key"_s, u"PATH"_s, u"A private key (PEM) to sign with instead of the configured secret."_s },
            { u"--kid"_s, u"ID"_s, u"The id of that key, if the server knows it by one."_s },
            { u"--algorithm"_s, u"NAME"_s,
                u"The algorithm to use that key with, as in RS256; by default JWT_ALGORITHM, else the usual one."_s } },
        true, runToken };
}

} // namespace gatehouse
