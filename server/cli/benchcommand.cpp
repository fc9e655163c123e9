// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/benchcommand.h"

#include <array>
#include <memory>

#include <QtCore/QJsonDocument>
#include <QtCore/QRandomGenerator>

#include "server/auth/jwtsigner.h"
#include "server/bench/benchrun.h"
#include "server/bench/modes.h"
#include "server/cli/benchoptions.h"
#include "server/cli/clisettings.h"
#include "server/cli/signeroption.h"
#include "server/cli/tokenfile.h"
#include "server/config/keysettings.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kTokenReserve = 1h; // beyond the rounds themselves

QString modeNames()
{
    QStringList names;
    for (const bench::ModeDescriptor &mode : bench::modeDescriptors())
        names.append(mode.name);
    return names.join(u", "_s);
}

int refuse(const CliContext &context, const QString &why)
{
    context.err(u"gatehouse bench: "_s + why);
    return kExitUsage;
}

/// Each client's own user, so that no limit of one user counts for all.
std::function<QByteArray(int)> tokenMaker(JwtSigner by, std::chrono::seconds lifetime, const UtcTime &now)
{
    return [signer = std::move(by), lifetime, now](int number) -> QByteArray {
        const Result<QByteArray> token = signer.sign({ u"bench-%1"_s.arg(number), Role::None, {}, lifetime }, now);
        return token ? *token : QByteArray();
    };
}

/// To sign with a key pair costs more than the handshake that is measured, so a thousand users share the clients, with
/// a token each.
std::function<QByteArray(int)> fewTokens(std::function<QByteArray(int)> make)
{
    constexpr int kUsers = 1024;
    auto tokens = std::make_shared<std::array<QByteArray, kUsers>>();
    return [make = std::move(make), tokens = std::move(tokens)](int number) -> QByteArray {
        QByteArray &token = (*tokens)[size_t(number % kUsers)];
        if (token.isEmpty())
            token = make(number % kUsers);
        return token;
    };
}

JwtKey strangeKey()
{
    QByteArray secret(kMinSecretBytes, '\0');
    for (char &byte : secret)
        byte = char(QRandomGenerator::system()->bounded(256));
    return { {}, secret };
}

Status addTokens(const CliContext &context, const Options &options, const Settings &settings, bench::BenchPlan &plan)
{
    const UtcTime now = context.clock.utc();
    const auto lifetime
        = std::chrono::ceil<std::chrono::seconds>(plan.duration * plan.rounds) + std::chrono::seconds(kTokenReserve);
    plan.badTokenFor = tokenMaker(JwtSigner(strangeKey(), tokenFormOf(settings)), lifetime, now);
    if (const auto path = options.value(u"--token-file"_s)) {
        const Result<QByteArray> token = readTokenFile(context, u"--token-file"_s, *path);
        if (!token)
            return token.error();
        plan.tokenFor = [token = *token](int) { return token; };
        plan.publisherToken = *token;
        return ok();
    }
    if (plan.contract == bench::Contract::Plain)
        return ok();
    const Result<JwtSigner> signer = signerFor(context, options, u"--jwt-key"_s, settings);
    if (!signer)
        return signer.error();
    plan.tokenFor = tokenMaker(*signer, lifetime, now);
    if (options.has(u"--jwt-key"_s))
        plan.tokenFor = fewTokens(std::move(plan.tokenFor));
    const Result<QByteArray> publisher = signer->sign({ u"bench-publisher"_s, Role::Publisher, {}, lifetime }, now);
    if (!publisher)
        return publisher.error();
    plan.publisherToken = *publisher;
    return ok();
}

int runPlan(
    const CliContext &context, const Options &options, const bench::BenchPlan &plan, const bench::ProcessUsage &usage)
{
    const bench::BenchOutcome outcome
        = bench::runBench(plan, usage, [&context](const QString &line) { context.err(line); });
    if (!outcome.report.rounds.empty() || outcome.report.isInterrupted) {
        if (options.has(u"--json"_s))
            context.out(
                QString::fromUtf8(QJsonDocument(outcome.report.toJson()).toJson(QJsonDocument::Indented).trimmed()));
        else
            context.out(outcome.report.toTable());
    }
    if (!outcome.error)
        return kExitOk;
    context.err(u"gatehouse bench: "_s + outcome.error->message);
    return kExitFailed;
}

int runBench(const CliContext &context, const Options &options)
{
    QStringList rest = options.rest();
    if (rest.isEmpty())
        return refuse(context, u"which mode? One of "_s + modeNames());
    const bench::ModeDescriptor *mode = bench::findMode(rest.takeFirst());
    if (!mode)
        return refuse(context,
            u"\"%1\" is not a mode; the first argument is one of %2"_s.arg(options.rest().front(), modeNames()));
    Settings settings;
    if (isGatehouseContract(options)) {
        const auto loaded = loadForCommand(context, u"bench"_s, rest);
        if (const int *exitCode = std::get_if<int>(&loaded))
            return *exitCode;
        settings = std::get<LoadedSettings>(loaded).settings;
    } else if (!rest.isEmpty()) {
        return refuse(context, u"unexpected argument \"%1\"; the contract plain takes no settings"_s.arg(rest.front()));
    }
    Result<bench::BenchPlan> plan = readBenchPlan(mode->key, options, settings);
    if (!plan)
        return refuse(context, plan.error().message);
    const Result<bench::ProcessUsage> usage = readProcesses(options);
    if (!usage)
        return refuse(context, usage.error().message);
    if (const Status tokens = addTokens(context, options, settings, *plan); !tokens)
        return refuse(context, tokens.error().message);
    return runPlan(context, options, *plan, *usage);
}

QString modesHelp()
{
    QString text = u"Modes:\n"_s;
    for (const bench::ModeDescriptor &mode : bench::modeDescriptors()) {
        text += u"  "_s + QString(mode.name).leftJustified(12) + mode.help;
        if (mode.usesConnections)
            text += u"; --connections %1"_s.arg(mode.defaultConnections);
        if (mode.usesInFlight)
            text += u"; --in-flight %1"_s.arg(mode.defaultInFlight);
        text += u'\n';
    }
    return text;
}

} // namespace

Command benchCommand()
{
    Command command{ u"bench"_s, u"Measures a running server: time, CPU and memory under load of several kinds."_s,
        benchOptions(), true, runBench };
    command.operands = u"MODE"_s;
    command.details = modesHelp();
    return command;
}

} // namespace gatehouse
