// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/benchoptions.h"

#include <algorithm>

#include "server/bench/benchrun.h"
#include "server/bench/modes.h"
#include "server/cli/clisettings.h"
#include "server/config/settingvalues.h"
#include "server/net/descriptorlimit.h"
#include "shared/protocol/apipaths.h"
#include "shared/protocol/notification.h"
#include "shared/util/duration.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

using bench::BenchPlan;
using bench::ModeKey;

namespace {

constexpr qint64 kMostConnections = 1'000'000;
constexpr qint64 kMostInFlight = 1000;
constexpr qint64 kMostRounds = 1000;
constexpr qint64 kFewestBodyBytes = 24;  // a publish's marker
constexpr int kSlowModeBodyBytes = 2048; // so that a queue fills within seconds
constexpr qint64 kMostPlainBodyBytes = 60'000;

/// Options that only some modes understand.
struct ModeOption
{
    QLatin1StringView flag;
    std::vector<ModeKey> modes;
};

const std::vector<ModeOption> &modeOptions()
{
    using enum ModeKey;
    static const std::vector<ModeOption> kOptions{ { "--connections"_L1, { Idle, Echo, Fanout, Overlimit, Slow } },
        { "--in-flight"_L1, { Churn, Echo, Fanout, Refusals, Slow } }, { "--ephemeral"_L1, { Fanout, Slow } },
        { "--body-bytes"_L1, { Fanout, Slow } }, { "--publish-path"_L1, { Fanout, Slow } },
        { "--publish-url"_L1, { Fanout, Slow } }, { "--slow"_L1, { Slow } }, { "--refused-by"_L1, { Refusals } } };
    return kOptions;
}

Error wrong(QLatin1StringView flag, const QString &text)
{
    return { flag + u": "_s + text, {} };
}

Status checkModeOptions(const bench::ModeDescriptor &mode, const Options &options)
{
    for (const ModeOption &option : modeOptions()) {
        const bool fits = std::find(option.modes.begin(), option.modes.end(), mode.key) != option.modes.end();
        if (options.has(option.flag) && !fits)
            return wrong(option.flag, u"the mode %1 has no use for it"_s.arg(mode.name));
    }
    return ok();
}

/// Reads a number into `number`, which keeps its value if the option was not given.
Status readNumber(const Options &options, QLatin1StringView flag, qint64 least, qint64 most, int &number)
{
    const std::optional<QString> text = options.value(flag);
    if (!text)
        return ok();
    const Result<qint64> parsed = parseNumber(*text, least, most);
    if (!parsed)
        return wrong(flag, parsed.error().message);
    number = int(*parsed);
    return ok();
}

Status readPath(const Options &options, QLatin1StringView flag, QByteArray &path)
{
    const std::optional<QString> text = options.value(flag);
    if (!text)
        return ok();
    const bool isPlain = std::all_of(text->begin(), text->end(), [](QChar c) { return c > u' ' && c < u'\x7f'; });
    if (!text->startsWith(u'/') || !isPlain)
        return wrong(flag, u"must be a path like /ws/notifications/, without blanks"_s);
    path = text->toLatin1();
    return ok();
}

Status readContract(const Options &options, BenchPlan &plan)
{
    const QString name = options.value(u"--contract"_s).value_or(u"gatehouse"_s);
    if (name != "gatehouse"_L1 && name != "plain"_L1)
        return wrong("--contract"_L1, u"\"%1\" is not gatehouse or plain"_s.arg(name));
    const bool isGatehouse = name == "gatehouse"_L1;
    plan.contract = isGatehouse ? bench::Contract::Gatehouse : bench::Contract::Plain;
    plan.channelPath = isGatehouse ? QByteArray(paths::kChannel.data(), paths::kChannel.size()) : QByteArray("/");
    plan.publishPath = isGatehouse ? QByteArray(paths::kPublish.data(), paths::kPublish.size()) : QByteArray();
    plan.expectsGreeting = !options.has(u"--no-greeting"_s);
    if (!isGatehouse && plan.mode == ModeKey::Refusals)
        return wrong("--contract"_L1, u"the mode refusals needs the contract gatehouse"_s);
    if (const Status read = readPath(options, "--path"_L1, plan.channelPath); !read)
        return read;
    return readPath(options, "--publish-path"_L1, plan.publishPath);
}

Result<bench::Target> targetOf(const Options &options, QLatin1StringView flag, const QUrl &url)
{
    Result<bench::Target> target = bench::resolveTarget(url);
    if (!target)
        return wrong(flag, target.error().message);
    if (!target->isLoopback && !options.has(u"--yes-i-own-this-server"_s))
        return wrong(flag,
            u"%1 is not on this machine; to others a bench is an attack, so it needs --yes-i-own-this-server"_s.arg(
                url.host()));
    return target;
}

Status readPublishTarget(const Options &options, BenchPlan &plan)
{
    plan.publishTarget = plan.target;
    const std::optional<QString> text = options.value(u"--publish-url"_s);
    if (!text)
        return ok();
    if (plan.publishPath.isEmpty())
        return wrong("--publish-url"_L1, u"needs --publish-path: there is nothing to publish at"_s);
    const Result<bench::Target> target = targetOf(options, "--publish-url"_L1, QUrl(*text));
    if (!target)
        return target.error();
    plan.publishTarget = *target;
    return ok();
}

Status readTarget(const Options &options, const Settings &settings, BenchPlan &plan)
{
    if (plan.contract == bench::Contract::Plain && !options.has(u"--url"_s))
        return wrong("--url"_L1, u"is missing; the contract plain has no default"_s);
    const Result<QUrl> url = serverUrl(options.value(u"--url"_s), settings);
    if (!url)
        return url.error();
    const Result<bench::Target> target = targetOf(options, "--url"_L1, *url);
    if (!target)
        return target.error();
    plan.target = *target;
    if (Status read = readPublishTarget(options, plan); !read)
        return read;
    plan.origin = plan.contract == bench::Contract::Gatehouse ? allowedOrigin(settings, *url).toUtf8() : QByteArray();
    if (const auto origin = options.value(u"--origin"_s))
        plan.origin = origin->toUtf8();
    if (plan.origin.contains('\r') || plan.origin.contains('\n'))
        return wrong("--origin"_L1, u"must be one line"_s);
    if (options.has(u"--source-addresses"_s) && !(plan.target.isIpv4 && plan.target.isLoopback))
        return wrong("--source-addresses"_L1, u"needs a server at an IPv4 loopback address"_s);
    return ok();
}

Status readNumbers(const Options &options, BenchPlan &plan)
{
    const qint64 mostBytes = plan.contract == bench::Contract::Gatehouse ? qint64(kMaxBodyChars) : kMostPlainBodyBytes;
    const std::array<Status, 6> numbers{
        readNumber(options, "--connections"_L1, plan.mode == ModeKey::Slow ? 2 : 1, kMostConnections, plan.connections),
        readNumber(options, "--in-flight"_L1, 1, kMostInFlight, plan.inFlight),
        readNumber(options, "--rounds"_L1, 1, kMostRounds, plan.rounds),
        readNumber(options, "--source-addresses"_L1, 1, bench::kMostSourceAddresses, plan.sourceAddresses),
        readNumber(options, "--body-bytes"_L1, kFewestBodyBytes, mostBytes, plan.bodyBytes),
        readNumber(options, "--slow"_L1, 1, plan.connections - 1, plan.slowConnections),
    };
    for (const Status &number : numbers) {
        if (!number)
            return number;
    }
    if (const auto text = options.value(u"--duration"_s)) {
        const Result<std::chrono::seconds> duration = parseDuration(*text);
        if (!duration)
            return wrong("--duration"_L1, duration.error().message);
        if (duration->count() == 0)
            return wrong("--duration"_L1, u"must be at least one second"_s);
        plan.duration = *duration;
    }
    return ok();
}

Status readRefusal(const Options &options, BenchPlan &plan)
{
    const QString name = options.value(u"--refused-by"_s).value_or(u"token"_s);
    if (name == "token"_L1)
        plan.refusal = bench::RefusalKind::Token;
    else if (name == "origin"_L1)
        plan.refusal = bench::RefusalKind::Origin;
    else if (name == "limit"_L1)
        plan.refusal = bench::RefusalKind::Limit;
    else
        return wrong("--refused-by"_L1, u"\"%1\" is not token, origin or limit"_s.arg(name));
    return ok();
}

Status checkDescriptors(const BenchPlan &plan)
{
    const qint64 may = raiseDescriptorLimit();
    if (bench::descriptorsNeeded(plan) <= may)
        return ok();
    return wrong("--connections"_L1,
        u"%1 are more than a process may open here (ulimit -n is %2)"_s.arg(plan.connections).arg(may));
}

} // namespace

const std::vector<OptionDescriptor> &benchOptions()
{
    static const std::vector<OptionDescriptor> kOptions{
        { u"--url"_s, u"URL"_s, u"The server, as in http://127.0.0.1:8080; by default where LISTEN says."_s },
        { u"--connections"_s, u"N"_s, u"How many clients stay connected."_s },
        { u"--in-flight"_s, u"N"_s, u"Handshakes, messages per client or publishes under way at the same time."_s },
        { u"--duration"_s, u"TIME"_s, u"Of each round, as in 10s; by default 5s."_s },
        { u"--rounds"_s, u"N"_s, u"How many rounds; by default 3. The table shows their median."_s },
        { u"--pid"_s, u"PID"_s, u"A process of the server, whose CPU time and memory to read."_s, true },
        { u"--json"_s, {}, u"Prints JSON instead of the table."_s },
        { u"--token-file"_s, u"PATH"_s,
            u"A file (- for standard input) with the token for everybody; by default each client gets one made with the configured secret."_s },
        { u"--jwt-key"_s, u"PATH"_s,
            u"A private key (PEM) to make tokens with instead of the configured secret, with JWT_ALGORITHM or the usual one."_s },
        { u"--origin"_s, u"ORIGIN"_s, u"The Origin to send; by default one that ALLOWED_HOSTS allows."_s },
        { u"--source-addresses"_s, u"N"_s, u"Spreads the clients over N addresses of 127.1.0.0/16."_s },
        { u"--ephemeral"_s, {}, u"Publishes notifications that are not stored (fanout, slow)."_s },
        { u"--body-bytes"_s, u"N"_s, u"Length of a notification's body; by default 64, or 2048 (slow)."_s },
        { u"--slow"_s, u"N"_s, u"How many listeners stop reading (slow); by default 1."_s },
        { u"--refused-by"_s, u"KIND"_s,
            u"What is refused: a bad token, a foreign origin, or the limit of one address (refusals)."_s },
        { u"--contract"_s, u"NAME"_s,
            u"gatehouse, or plain for other servers, to compare with: they greet, answer ping, and broadcast pub."_s },
        { u"--path"_s, u"PATH"_s,
            u"Where the server accepts WebSockets; by default /ws/notifications/, or / (plain)."_s },
        { u"--publish-url"_s, u"URL"_s,
            u"Another node of the same cluster, to publish at; by default where --url says (fanout, slow)."_s },
        { u"--publish-path"_s, u"PATH"_s,
            u"Where it takes a POST to publish; by default /api/notifications/, or none (plain)."_s },
        { u"--no-greeting"_s, {}, u"The server says nothing first."_s },
        { u"--yes-i-own-this-server"_s, {}, u"Allows a server that is not on this machine."_s },
    };
    return kOptions;
}

bool isGatehouseContract(const Options &options)
{
    return options.value(u"--contract"_s).value_or(u"gatehouse"_s) != "plain"_L1;
}

Result<BenchPlan> readBenchPlan(ModeKey mode, const Options &options, const Settings &settings)
{
    const bench::ModeDescriptor &descriptor = bench::modeDescriptor(mode);
    BenchPlan plan;
    plan.mode = mode;
    plan.connections = descriptor.defaultConnections;
    plan.inFlight = descriptor.defaultInFlight;
    plan.isEphemeral = options.has(u"--ephemeral"_s);
    if (mode == ModeKey::Slow)
        plan.bodyBytes = kSlowModeBodyBytes;
    Status read = checkModeOptions(descriptor, options);
    if (read)
        read = readContract(options, plan);
    if (read)
        read = readNumbers(options, plan);
    if (read)
        read = readRefusal(options, plan);
    if (read)
        read = readTarget(options, settings, plan);
    if (read)
        read = checkDescriptors(plan);
    if (!read)
        return read.error();
    return plan;
}

Result<bench::ProcessUsage> readProcesses(const Options &options)
{
    std::vector<qint64> pids;
    const QStringList texts = options.values(u"--pid"_s);
    for (const QString &text : texts) {
        const Result<qint64> pid = parseNumber(text, 1, 4'194'304);
        if (!pid)
            return wrong("--pid"_L1, pid.error().message);
        pids.push_back(*pid);
    }
    Result<bench::ProcessUsage> usage = bench::ProcessUsage::of(std::move(pids));
    return usage ? usage : Result<bench::ProcessUsage>(wrong("--pid"_L1, usage.error().message));
}

} // namespace gatehouse
