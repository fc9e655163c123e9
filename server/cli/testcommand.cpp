// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/testcommand.h"

#include "server/auth/jwtsigner.h"
#include "server/cli/clisettings.h"
#include "server/cli/connectiontest.h"
#include "server/cli/tokenfile.h"
#include "server/config/keysettings.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// The token to test with: given, or made with the configured secret.
Result<QByteArray> tokenFor(const CliContext &context, const Options &options, const Settings &settings)
{
    for (const QString &option : { u"--token"_s, u"--token-file"_s }) {
        if (const auto path = options.value(option))
            return readTokenFile(context, option, *path);
    }
    const Result<JwtSigner> signer = jwtSignerOf(settings);
    if (!signer)
        return Error{ u"give a token with --token; "_s + signer.error().message, {} };
    return signer->sign({ u"gatehouse-test"_s, Role::Admin, {}, 60s, true }, context.clock.utc());
}

void print(const CliContext &context, const std::optional<QString> &failure, const QString &good, const QString &poor)
{
    context.out(failure ? QString(u"❌ "_s + poor + u" ("_s + *failure + u')') : QString(u"✅ "_s + good));
}

int runTest(const CliContext &context, const Options &options)
{
    if (options.has(u"--token"_s) && options.has(u"--token-file"_s)) {
        context.err(u"gatehouse test: --token and --token-file exclude each other"_s);
        return kExitUsage;
    }
    const auto loaded = loadForCommand(context, u"test"_s, options.rest());
    if (const int *exitCode = std::get_if<int>(&loaded))
        return *exitCode;
    const Settings &settings = std::get<LoadedSettings>(loaded).settings;
    const Result<QUrl> url = serverUrl(options.value(u"--url"_s), settings);
    const Result<QByteArray> token = tokenFor(context, options, settings);
    if (!url || !token) {
        context.err(u"gatehouse test: %1"_s.arg(url ? token.error().message : url.error().message));
        return kExitUsage;
    }
    const QString origin = options.value(u"--origin"_s).value_or(allowedOrigin(settings, *url));
    const ConnectionTestReport report = runConnectionTest({ *url, *token, origin });
    print(context, report.connection, u"WebSocket connection: SUCCESS"_s, u"WebSocket connection: FAILED"_s);
    print(context, report.message, u"Received message"_s, u"No message received"_s);
    print(context, report.metrics, u"Metrics collection: WORKING"_s, u"Metrics collection: NOT WORKING"_s);
    context.out(report.isPassed() ? u"✅ All tests passed!"_s : u"❌ Some tests failed"_s);
    return report.isPassed() ? kExitOk : kExitFailed;
}

} // namespace

Command testCommand()
{
    return { u"test"_s,
        u"Tests a running server: connects, receives the first message, and sees whether the metrics move."_s,
        { { u"--url"_s, u"URL"_s, u"The server, as in ws://127.0.0.1:8080; by default where LISTEN says."_s },
            { u"--token"_s, u"PATH"_s,
                u"A file (- for standard input) with a token of an admin; by default one is made with the configured secret."_s },
            { u"--token-file"_s, u"PATH"_s, u"The same."_s },
            { u"--origin"_s, u"ORIGIN"_s, u"The Origin to send; by default one that ALLOWED_HOSTS allows."_s } },
        true, runTest };
}

} // namespace gatehouse
