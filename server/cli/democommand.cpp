// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/democommand.h"

#include <QtCore/QEventLoop>

#include "server/app/signalwatcher.h"
#include "server/auth/jwtsigner.h"
#include "server/cli/clisettings.h"
#include "server/cli/demorunner.h"
#include "server/config/keysettings.h"
#include "server/config/settingvalues.h"
#include "shared/util/duration.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kReportInterval = 30s;

/// Everything of DemoOptions that the command line and the settings say; tokens come later.
Result<DemoOptions> readOptions(const Options &options, const Settings &settings)
{
    DemoOptions demo;
    const Result<QUrl> url = serverUrl(options.value(u"--url"_s), settings);
    if (!url)
        return url.error();
    if (!isDemoTarget(*url))
        return Error{
            u"--url: the demo breaks limits on purpose, so it only runs against a server on this machine, as in http://127.0.0.1:8080"_s,
            {}
        };
    demo.url = *url;
    demo.origin = allowedOrigin(settings, *url).toUtf8();
    if (const auto text = options.value(u"--clients"_s)) {
        const Result<qint64> clients = parseNumber(*text, kFewestDemoClients, kMostDemoClients);
        if (!clients)
            return Error{ u"--clients: "_s + clients.error().message, {} };
        demo.clients = int(*clients);
    }
    if (const auto text = options.value(u"--for"_s)) {
        const Result<std::chrono::seconds> duration = parseDuration(*text);
        if (!duration)
            return Error{ u"--for: "_s + duration.error().message, {} };
        demo.duration = *duration;
    }
    return demo;
}

QString summary(const DemoRunner &runner)
{
    const DemoCounts &counts = runner.counts();
    return u"%1 clients connected; so far %2 connections, %3 refused, %4 ended, %5 failed, %6 messages sent, %7 received, %8 notifications published"_s
        .arg(runner.openClients())
        .arg(counts.opened)
        .arg(counts.refused)
        .arg(counts.ended)
        .arg(counts.failed)
        .arg(counts.sent)
        .arg(counts.received)
        .arg(runner.published());
}

int runDemo(const CliContext &context, DemoOptions demo)
{
    const int clients = demo.clients;
    SignalWatcher signalWatcher;
    DemoRunner runner(std::move(demo));
    QEventLoop loop;
    QTimer reportTimer;
    QObject::connect(&signalWatcher, &SignalWatcher::stopRequested, &runner, &DemoRunner::stop);
    QObject::connect(&runner, &DemoRunner::finished, &loop, &QEventLoop::quit);
    QObject::connect(&reportTimer, &QTimer::timeout, &runner, [&] { context.out(summary(runner)); });
    reportTimer.start(kReportInterval);
    context.out(u"starting %1 synthetic clients; Ctrl+C stops them"_s.arg(clients));
    runner.start();
    loop.exec();
    context.out(summary(runner));
    const DemoCounts &counts = runner.counts();
    if (counts.opened > 0 || counts.refused + counts.failed == 0)
        return kExitOk;
    context.err(
        u"gatehouse demo: no client was let in; is the server running, with the same secret and ALLOWED_HOSTS?"_s);
    return kExitFailed;
}

int runDemoCommand(const CliContext &context, const Options &options)
{
    const auto loaded = loadForCommand(context, u"demo"_s, options.rest());
    if (const int *exitCode = std::get_if<int>(&loaded))
        return *exitCode;
    const Settings &settings = std::get<LoadedSettings>(loaded).settings;
    Result<DemoOptions> demo = readOptions(options, settings);
    if (!demo) {
        context.err(u"gatehouse demo: %1"_s.arg(demo.error().message));
        return kExitUsage;
    }
    const Result<JwtSigner> signer = jwtSignerOf(settings);
    if (!signer) {
        context.err(u"gatehouse demo: %1"_s.arg(signer.error().message));
        return kExitUsage;
    }
    const auto tokenFor = [&](const QString &user, Role role) {
        const Result<QByteArray> token = signer->sign({ user, role, {}, 24h }, context.clock.utc());
        return token ? *token : QByteArray();
    };
    demo->tokenFor = [&tokenFor](int number) { return tokenFor(QString::number(number), Role::None); };
    demo->publisherToken = tokenFor(u"gatehouse-demo"_s, Role::Publisher);
    return runDemo(context, *std::move(demo));
}

} // namespace

Command demoCommand()
{
    return { u"demo"_s, u"Runs synthetic clients against a server on this machine; some of them break the limits."_s,
        { { u"--url"_s, u"URL"_s, u"The server, as in http://127.0.0.1:8080; by default where LISTEN says."_s },
            { u"--clients"_s, u"N"_s, u"How many clients, 1 to 5000; by default 24."_s },
            { u"--for"_s, u"TIME"_s, u"How long, as in 10m; by default until it is stopped."_s } },
        true, runDemoCommand };
}

} // namespace gatehouse
