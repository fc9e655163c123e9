// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/checkcommand.h"

#include <algorithm>

#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include "server/cli/forwardingcheck.h"
#include "server/cli/redischeck.h"
#include "server/cli/tokencheck.h"
#include "server/config/settingdescriptor.h"
#include "server/config/settingdoubts.h"
#include "server/config/settingsloader.h"
#include "server/config/statedirectory.h"
#include "server/config/stateowner.h"
#include "server/net/descriptorlimit.h"
#include "server/net/listencheck.h"
#include "server/store/database.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// One of the guide's four lines: good with perhaps a remark, or bad with a reason.
struct Finding
{
    bool isGood = true;
    QString reason;
};

Finding bad(const QString &reason)
{
    return { false, reason };
}

QString whyOff(const LoadedSettings &loaded)
{
    for (const SettingRow &row : loaded.rows) {
        if (row.name == "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE"_L1 && row.source != "default"_L1)
            return u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE is false (%1)"_s.arg(row.source);
    }
    return u"DEBUG is true and USE_PRODUCTION_WEBSOCKET_MIDDLEWARE is not set"_s;
}

Finding checkLimits(const LoadedSettings &loaded)
{
    if (!loaded.settings.isGuarding)
        return bad(u"off, because "_s + whyOff(loaded));
    QStringList off;
    QStringList observed;
    for (const LimitKey key :
        { LimitKey::MaxConnectionsPerIp, LimitKey::MaxReconnectAttempts, LimitKey::MaxMessagesPerMinute }) {
        const QString mode = limitDescriptor(key).environmentName + "_MODE"_L1;
        if (loaded.settings.limits[key].mode == LimitMode::Off)
            off.append(mode + u" is off"_s);
        else if (loaded.settings.limits[key].mode == LimitMode::Observe)
            observed.append(mode + u" is observe"_s);
    }
    if (!off.isEmpty())
        return bad(off.join(u", "_s));
    return { true, observed.join(u", "_s) };
}

/// Opens, writes and reads a database in a directory made for it inside `directory`, which is left as it was.
Finding tryDatabase(const QString &directory, const QString &stateDir)
{
    const QTemporaryDir scratch(directory + u"/.check"_s);
    if (!scratch.isValid())
        return bad(u"STATE_DIR %1: %2 cannot be written to (%3)"_s.arg(stateDir, directory, scratch.errorString()));
    const Result<std::unique_ptr<Database>> database = Database::open(scratch.filePath(u"check.db"_s));
    if (!database)
        return bad(database.error().message);
    Database &opened = **database;
    const Status written = opened.execute("CREATE TABLE probe (value INTEGER); INSERT INTO probe VALUES (42);");
    if (!written)
        return bad(written.error().message);
    Statement statement = opened.prepare("SELECT value FROM probe");
    if (!statement.nextRow() || statement.integer(0) != 42)
        return bad(u"SQLite in %1 does not give back what was written"_s.arg(directory));
    return {};
}

Finding checkState(const Settings &settings)
{
    const QFileInfo state(settings.stateDir);
    if (!state.exists()) {
        // It will be made at the first start: what counts is the directory above that exists. The check itself makes
        // nothing, because it may be run by another user than the server.
        QString above = settings.stateDir;
        while (!QFileInfo::exists(above))
            above = QFileInfo(above).path();
        const bool canMake
            = QFileInfo(above).isDir() && ::access(QFile::encodeName(above).constData(), W_OK | X_OK) == 0;
        return canMake ? tryDatabase(above, settings.stateDir)
                       : bad(u"STATE_DIR %1 cannot be made in %2"_s.arg(settings.stateDir, above));
    }
    if (!state.isDir())
        return bad(u"STATE_DIR %1 is not a directory"_s.arg(settings.stateDir));
    if (const Status usable = examineStateFiles(settings.stateDir); !usable)
        return bad(usable.error().message);
    const QString secret = secretPath(settings.stateDir);
    if (settings.jwtKeys.empty() && QFile::exists(secret)) {
        if (const Result<QByteArray> read = readSecret(settings.stateDir); !read)
            return bad(read.error().message);
    }
    const QString file = stateFilePath(settings.stateDir);
    if (const Status usable = Database::examine(file); !usable)
        return bad(usable.error().message);
    return tryDatabase(settings.stateDir, settings.stateDir);
}

int report(const CliContext &context, const Finding &limits, const Finding &monitoring, const Finding &state,
    const Finding &middleware)
{
    const auto print
        = [&context](const Finding &finding, const QString &what, const QString &good, const QString &poor) {
              const QString mark = finding.isGood ? u"✅ "_s : u"❌ "_s;
              const QString remark = finding.reason.isEmpty() ? QString() : QString(u" ("_s + finding.reason + u')');
              context.out(mark + what + (finding.isGood ? good : poor) + remark);
          };
    print(limits, u"Rate limiting middleware: "_s, u"Available"_s, u"Not available"_s);
    print(monitoring, u"Monitoring middleware: "_s, u"Available"_s, u"Not available"_s);
    print(state, u"Cache configuration: "_s, u"Working"_s, u"Not working"_s);
    print(middleware, u"Production middleware will "_s, u"be used"_s, u"not be used"_s);
    return limits.isGood && monitoring.isGood && state.isGood && middleware.isGood ? kExitOk : kExitFailed;
}

/// The four lines when a setting is wrong: the server would not start at all.
int reportWrongSetting(const CliContext &context, const Error &error)
{
    const SettingDescriptor *setting = findSetting(error.field);
    const Finding culprit = bad(error.message);
    const Finding other = bad(u"the server would not start: a setting is wrong"_s);
    const SettingArea area = setting ? setting->area : SettingArea::Other;
    const auto in = [&](SettingArea line) { return area == line ? culprit : other; };
    return report(context, in(SettingArea::Limits), other, in(SettingArea::State), in(SettingArea::Other));
}

/// The line of a server with a Redis: whether that is good.
bool reportRedis(const CliContext &context, const RedisUrl &url)
{
    const Result<RedisCheck> redis = checkRedis(url);
    if (!redis) {
        context.out(u"❌ Redis: Not working (%1)"_s.arg(redis.error().message));
        return false;
    }
    context.out(u"✅ Redis: Working (%1)"_s.arg(redis->server));
    for (const QString &warning : redis->warnings)
        context.err(u"warning: Redis: %1"_s.arg(warning));
    return true;
}

/// The line that comes only where a server could not listen: whether it could. With few descriptors it could, but for
/// fewer clients than are allowed.
bool reportListening(const CliContext &context, const Settings &settings)
{
    const qint64 descriptors = raiseDescriptorLimit();
    const qint64 maxConnections = settings.limits[LimitKey::MaxConnections].value;
    if (const std::optional<QString> few = fewDescriptors(descriptors, maxConnections))
        context.err(u"warning: MAX_CONNECTIONS is %1, and %2 descriptors are allowed: %3"_s.arg(maxConnections)
                        .arg(descriptors)
                        .arg(*few));
    const Status listening = examineListening(settings.listen, settings.adminListen);
    if (!listening)
        context.out(u"❌ Listening: Not possible (%1)"_s.arg(listening.error().message));
    return listening.isOk();
}

/// The line that comes only where the secret is none, and what else is to be said of settings that are well formed.
bool reportDoubts(const CliContext &context, const LoadedSettings &loaded)
{
    const auto row = std::find_if(loaded.rows.begin(), loaded.rows.end(),
        [](const SettingRow &each) { return each.name == "JWT_SECRET"_L1 && each.source != "default"_L1; });
    const QByteArray secret = row == loaded.rows.end() ? QByteArray() : loaded.settings.jwtSecret;
    for (const QString &doubt : doubtsAboutSecret(secret) + doubtsAboutProxies(loaded.settings))
        context.err(u"warning: "_s + doubt);
    const std::optional<QString> known = secret.isEmpty() ? std::nullopt : whyKnownSecret(secret);
    if (known)
        context.out(u"❌ Secret: Not secret (JWT_SECRET %1)"_s.arg(*known));
    return !known;
}

int runCheck(const CliContext &context, const Options &options)
{
    const Result<LoadedSettings> loaded
        = readSettings(options.rest(), context.environment, context.workingDirectory, context.installedEnvFile);
    const std::optional<QString> token = options.value(u"--token"_s);
    const bool isUsage = !loaded && !findSetting(loaded.error().field) && !options.rest().isEmpty();
    if (isUsage || (!loaded && token)) {
        context.err(u"gatehouse check: %1"_s.arg(loaded.error().message));
        return kExitUsage;
    }
    if (!loaded)
        return reportWrongSetting(context, loaded.error());
    if (token)
        return checkToken(context, *token, loaded->settings);
    for (const QString &warning : loaded->warnings)
        context.err(u"warning: %1"_s.arg(warning));
    const bool isOn = loaded->settings.isGuarding;
    if (const std::optional<QString> advice = sharedAddressAdvice(loaded->settings.limits); advice && isOn)
        context.err(u"note: "_s + *advice);
    const QString why = isOn ? QString() : whyOff(*loaded);
    const Finding monitoring = isOn ? Finding{} : bad(u"off, because "_s + why);
    const int code
        = report(context, checkLimits(*loaded), monitoring, checkState(loaded->settings), isOn ? Finding{} : bad(why));
    const bool canListen = reportListening(context, loaded->settings);
    const bool isSecret = reportDoubts(context, *loaded);
    if (const std::optional<QString> doubt = forwardingDoubt(context, loaded->settings))
        context.err(*doubt);
    const std::optional<RedisUrl> &redis
        = loaded->settings.redis ? loaded->settings.redis : loaded->settings.ingestRedis;
    const bool isRedisGood = !redis || reportRedis(context, *redis);
    return isRedisGood && canListen && isSecret ? code : kExitFailed;
}

} // namespace

Command checkCommand()
{
    return { u"check"_s,
        u"Checks the deployment: rate limiting, monitoring, storage, and which middleware will be used."_s,
        { { u"--token"_s, u"PATH"_s,
            u"Judges the token in this file (- for standard input) instead: says whose it is, or why it is refused."_s } },
        true, runCheck };
}

} // namespace gatehouse
