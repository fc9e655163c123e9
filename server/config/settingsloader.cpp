// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/settingsloader.h"

#include <algorithm>
#include <functional>

#include <QtCore/QDir>
#include <QtCore/QThread>
#include <QtCore/QUrl>

#include "server/base/cgrouplimit.h"
#include "server/base/memorypolicy.h"
#include "server/config/keysettings.h"
#include "server/config/settingdescriptor.h"
#include "server/config/settingdoubts.h"
#include "server/config/settingvalues.h"
#include "server/config/statedirectory.h"
#include "server/config/stateowner.h"
#include "server/net/forwardedfor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMostLeewaySeconds = 300;
constexpr int kMostWorkers = 64;
constexpr int kMostDefaultWorkers = 8;
constexpr int kMostRetentionDays = 3650;
constexpr int kMostDrainSeconds = 600;
constexpr int kLeastRedisMillis = 10;
constexpr int kMostRedisMillis = 5000; // a link that is silent for so long is held for broken

/// Turns raw texts into Settings, one setting after the other; keeps the first error.
class SettingsReader
{
public:
    SettingsReader(const RawSettings &raw, const QProcessEnvironment &environment, const QString &workingDirectory)
        : m_raw(raw)
        , m_environment(environment)
        , m_workingDirectory(workingDirectory)
    {
        m_loaded.warnings = raw.warnings;
        m_loaded.envFile = raw.envFile;
    }

    Result<LoadedSettings> run()
    {
        checkEmptyValues();
        readListeners();
        readCluster();
        readAccess();
        readSwitch();
        readOperation();
        readLimits();
        readKeys();
        if (m_error)
            return *m_error;
        addWarnings();
        addRows();
        return std::move(m_loaded);
    }

private:
    /// The text of a setting: as found, else the table's default, else nullopt.
    std::optional<QString> text(const QString &name) const
    {
        const auto found = m_raw.values.constFind(name);
        if (found != m_raw.values.cend())
            return found->value.trimmed();
        return findSetting(name)->defaultValue;
    }

    void fail(const QString &name, const QString &what)
    {
        const auto found = m_raw.values.constFind(name);
        const QString blame = found == m_raw.values.cend() ? name : found->blame;
        if (!m_error)
            m_error = Error{ blame + u": "_s + what, name };
    }

    /// Hands the text, if there is any, to a parser and its value to `use`.
    template <typename Parser, typename Use> void read(const QString &name, Parser parser, Use use)
    {
        const std::optional<QString> value = text(name);
        if (!value || m_error)
            return;
        auto result = parser(*value);
        if (result)
            use(*std::move(result));
        else
            fail(name, result.error().message);
    }

    template <typename Parser, typename Target> void readInto(const QString &name, Parser parser, Target &target)
    {
        read(name, parser, [&target](auto value) { target = std::move(value); });
    }

    void readInto(const QString &name, qint64 minimum, qint64 maximum, int &target)
    {
        read(
            name, [=](QStringView value) { return parseNumber(value, minimum, maximum); },
            [&target](qint64 value) { target = int(value); });
    }

    QString path(const QString &value) const
    {
        const QString home = m_environment.value(u"HOME"_s);
        const bool isInHome = value.startsWith("~/"_L1) && !home.isEmpty();
        return QDir::cleanPath(isInHome ? home + value.mid(1) : QDir(m_workingDirectory).absoluteFilePath(value));
    }

    void checkEmptyValues()
    {
        for (const SettingDescriptor &setting : settingDescriptors()) {
            const auto found = m_raw.values.constFind(setting.name);
            if (found != m_raw.values.cend() && !setting.mayBeEmpty && found->value.trimmed().isEmpty())
                fail(setting.name, u"is empty"_s);
        }
    }

    void readListeners()
    {
        readInto(u"LISTEN"_s, parseListenAddress, m_loaded.settings.listen);
        if (!text(u"ADMIN_LISTEN"_s)->isEmpty())
            readInto(u"ADMIN_LISTEN"_s, parseListenAddress, m_loaded.settings.adminListen);
        readSocketAccess(u"LISTEN"_s, m_loaded.settings.listen);
        ListenAddress none;
        readSocketAccess(u"ADMIN_LISTEN"_s, m_loaded.settings.adminListen ? *m_loaded.settings.adminListen : none);
        if (const std::optional<QString> given = text(u"STATE_DIR"_s)) {
            m_loaded.settings.stateDir = path(*given);
            return;
        }
        const Result<QString> found = defaultStateDirectory(m_environment);
        if (found)
            m_loaded.settings.stateDir = path(*found);
        else if (!m_error)
            m_error = found.error();
    }

    void readSocketAccess(const QString &listener, ListenAddress &address)
    {
        constexpr int kGroupAlone = 0660;
        const QString mode = listener + u"_MODE"_s;
        const QString group = listener + u"_GROUP"_s;
        readInto(group, parseGroup, address.access.group);
        if (!address.access.group.isEmpty())
            address.access.mode = kGroupAlone; // who names a group means no other
        readInto(mode, parseUnixMode, address.access.mode);
        for (const QString &name : { mode, group }) {
            if (address.unixPath.isEmpty() && m_raw.values.contains(name) && !text(name)->isEmpty())
                m_loaded.warnings.append(u"%1 has no effect, as %2 is no unix: path"_s.arg(name, listener));
        }
    }

    void readCluster()
    {
        if (!text(u"REDIS_URL"_s)->isEmpty())
            readInto(u"REDIS_URL"_s, parseRedisUrl, m_loaded.settings.redis);
        m_loaded.settings.redisText = *text(u"REDIS_URL"_s);
        if (!text(u"INGEST_REDIS_URL"_s)->isEmpty())
            readInto(u"INGEST_REDIS_URL"_s, parseRedisUrl, m_loaded.settings.ingestRedis);
        if (m_loaded.settings.redis && m_loaded.settings.ingestRedis)
            fail(u"INGEST_REDIS_URL"_s,
                u"REDIS_URL is set too, and a node of a cluster takes what is appended there; leave this one empty"_s);
        int timeout = 0;
        readInto(u"REDIS_TIMEOUT"_s, kLeastRedisMillis, kMostRedisMillis, timeout);
        m_loaded.settings.admission.timeout = std::chrono::milliseconds(timeout);
        readInto(u"REDIS_AWAY"_s, parseRedisAway, m_loaded.settings.admission.dividesLimits);
        readInto(u"NODE_NAME"_s, parseNodeName, m_loaded.settings.nodeName);
    }

    void readAccess()
    {
        Settings &settings = m_loaded.settings;
        readInto(u"ALLOWED_HOSTS"_s, parseAllowedHosts, settings.allowedHosts);
        readInto(u"SERVED_HOSTS"_s, parseServedHosts, settings.servedHosts);
        readInto(u"ALLOW_MISSING_ORIGIN"_s, parseBoolean, settings.allowsMissingOrigin);
        readInto(u"METRICS_PUBLIC"_s, parseBoolean, settings.hasPublicMetrics);
        readInto(u"TRUSTED_PROXIES"_s, parseNetworks, settings.trustedProxies);
        readInto(u"PROXY_PROTOCOL"_s, parseBoolean, settings.usesProxyProtocol);
        const bool isUnix = !settings.listen.unixPath.isEmpty();
        if (settings.usesProxyProtocol && settings.trustedProxies.empty())
            fail(u"PROXY_PROTOCOL"_s, u"is true and TRUSTED_PROXIES is empty: nobody could connect"_s);
        else if (settings.usesProxyProtocol && isUnix && !isTrusted(IpAddress(), settings.trustedProxies))
            fail(u"PROXY_PROTOCOL"_s,
                u"is true, LISTEN is a Unix-domain socket and TRUSTED_PROXIES does not hold unix: nobody could connect"_s);
        settings.adminUsers = splitList(*text(u"ADMIN_USERS"_s));
        settings.jwtUserClaim = *text(u"JWT_USER_CLAIM"_s);
    }

    void readSwitch()
    {
        std::optional<bool> useMiddleware;
        readInto(u"DEBUG"_s, parseBoolean, m_loaded.settings.isDebug);
        readInto(u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE"_s, parseBoolean, useMiddleware);
        m_loaded.settings.isGuarding = guardsByDefault(useMiddleware, m_loaded.settings.isDebug);
    }

    void readOperation()
    {
        Settings &settings = m_loaded.settings;
        settings.workers = std::clamp(QThread::idealThreadCount(), 1, kMostDefaultWorkers);
        readInto(u"WORKERS"_s, 1, kMostWorkers, settings.workers);
        readInto(u"METRICS_RETENTION_DAYS"_s, 1, kMostRetentionDays, settings.metricsRetentionDays);
        readInto(u"MEMORY_BUDGET"_s, parseMemoryBudget, settings.memoryBudgetBytes);
        int drainSeconds = 0;
        readInto(u"DRAIN_SECONDS"_s, 0, kMostDrainSeconds, drainSeconds);
        settings.drainWindow = std::chrono::seconds(drainSeconds);
        readInto(u"TIME_ZONE"_s, parseTimeZone, settings.timeZone);
        readInto(u"LOG_LEVEL"_s, parseLogLevel, settings.logLevel);
        readInto(u"LOG_FORMAT"_s, parseLogFormat, settings.logFormat);
        readInto(u"ALERT_WEBHOOK_URL"_s, parseWebhookUrl, settings.alertWebhookUrl);
    }

    void readLimits()
    {
        readInto(u"LIMITS_PROFILE"_s, parseLimitProfile, m_loaded.settings.limitProfile);
        readInto(
            u"IPV6_PREFIX"_s, IpAddress::kWidestBucketBits, IpAddress::kBucketBits, m_loaded.settings.ipv6PrefixBits);
        readInto(
            u"EXEMPT_NETWORKS"_s,
            [bits = m_loaded.settings.ipv6PrefixBits](QStringView value) { return parseExemptNetworks(value, bits); },
            m_loaded.settings.exemptNetworks);
        m_loaded.settings.limits = limitProfile(m_loaded.settings.limitProfile).limits();
        for (const LimitDescriptor &limit : limitDescriptors()) {
            const QString name = limit.environmentName;
            const QString modeName = limit.hasMode ? name + u"_MODE"_s : QString();
            LimitValue &target = m_loaded.settings.limits[limit.key];
            if (m_raw.values.contains(name))
                readInto(
                    name, [&limit](QStringView value) { return parseNumber(value, limit.minimum, limit.maximum); },
                    target.value);
            if (limit.hasMode)
                readInto(modeName, parseMode, target.mode);
            if (m_raw.values.contains(name) || m_raw.values.contains(modeName))
                m_loaded.settings.configuredLimits.push_back(limit.key);
        }
    }

    static Result<LimitMode> parseMode(QStringView value)
    {
        if (const std::optional<LimitMode> mode = parseLimitMode(value))
            return *mode;
        return Error{ u"\"%1\" is not enforce, observe or off"_s.arg(value.toString()), {} };
    }

    void readKeys()
    {
        Settings &settings = m_loaded.settings;
        int leeway = 0;
        readInto(u"JWT_ALGORITHM"_s, parseAlgorithmSetting, settings.jwtAlgorithm);
        readInto(u"JWT_LEEWAY"_s, 0, kMostLeewaySeconds, leeway);
        settings.jwtLeeway = std::chrono::seconds(leeway);
        settings.jwtIssuer = *text(u"JWT_ISSUER"_s);
        settings.jwtAudience = splitList(*text(u"JWT_AUDIENCE"_s));
        if (m_error)
            return;
        std::optional<QByteArray> secret;
        if (const auto given = m_raw.values.constFind(u"JWT_SECRET"_s); given != m_raw.values.cend())
            secret = given->value.toUtf8();
        if (const std::optional<QString> known = secret ? whyKnownSecret(*secret) : std::nullopt)
            m_loaded.warnings.append(u"JWT_SECRET: "_s + *known);
        const QString file = *text(u"JWT_KEYS_FILE"_s);
        const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        const Result<QStringList> added = addConfiguredKeys(settings, secret, file.isEmpty() ? file : path(file), now);
        if (added)
            m_loaded.warnings += *added;
        else
            fail(added.error().field, added.error().message);
    }

    void addWarnings()
    {
        Settings &settings = m_loaded.settings;
        if (settings.allowedHosts.isEmpty() && settings.isDebug)
            settings.allowedHosts = { u"localhost"_s, u"127.0.0.1"_s, u"[::1]"_s };
        else if (settings.allowedHosts.isEmpty())
            m_loaded.warnings.append(u"ALLOWED_HOSTS is empty: every browser will be refused"_s);
        if (!settings.isGuarding)
            m_loaded.warnings.append(u"rate limits and monitoring are off (%1)"_s.arg(
                settings.isDebug && !m_raw.values.contains(u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE"_s)
                    ? u"DEBUG is true"_s
                    : u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE is false"_s));
    }

    void addRows()
    {
        for (const SettingDescriptor &setting : settingDescriptors()) {
            const auto found = m_raw.values.constFind(setting.name);
            const bool isFound = found != m_raw.values.cend();
            QString value
                = isFound ? found->value.trimmed() : setting.defaultValue.value_or(foundAtStart(setting.name));
            if (setting.name == "ALLOWED_HOSTS"_L1 && value.isEmpty())
                value = m_loaded.settings.allowedHosts.join(u','); // what DEBUG makes of an empty list
            QString source = isFound ? found->source : u"default"_s;
            if (!isFound && m_raw.values.contains(u"LIMITS_PROFILE"_s) && isLimitValue(setting)) {
                const LimitProfileDescriptor &profile = limitProfile(m_loaded.settings.limitProfile);
                value = QString::number(profile.valueOf(*setting.limit));
                source = u"profile "_s + profile.name;
            }
            // What is found at the start is no secret, but where one is kept.
            m_loaded.rows.push_back({ setting.name, isFound ? shown(setting, value) : value, source });
        }
    }

    /// Whether it is the value of a limit, not its mode.
    static bool isLimitValue(const SettingDescriptor &setting)
    {
        return setting.limit && setting.kind == SettingKind::Number;
    }

    /// What the settings without a default in the table came to be.
    QString foundAtStart(const QString &name) const
    {
        const Settings &settings = m_loaded.settings;
        if (name == "STATE_DIR"_L1)
            return settings.stateDir;
        if (name == "LISTEN_MODE"_L1)
            return settings.listen.unixPath.isEmpty() ? QString()
                                                      : u"0%1"_s.arg(settings.listen.access.mode, 3, 8, QChar(u'0'));
        if (name == "WORKERS"_L1)
            return QString::number(settings.workers);
        if (name == "MEMORY_BUDGET"_L1) {
            const qint64 budget = memorypolicy::defaultBudget(readCgroupMemory().limitBytes);
            return budget > 0 ? QString::number(budget) : u"none"_s;
        }
        if (name == "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE"_L1)
            return settings.isGuarding ? u"true"_s : u"false"_s;
        return name == "JWT_SECRET"_L1 && settings.jwtKeys.empty() ? u"in the state directory"_s : QString();
    }

    static QString shown(const SettingDescriptor &setting, const QString &value)
    {
        if (value.isEmpty())
            return value;
        if (setting.isSecret)
            return u"********"_s;
        if (setting.kind != SettingKind::Url)
            return value;
        const QUrl url(value);
        return url.toString(QUrl::RemoveUserInfo | QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment)
            + (url.path().size() > 1 || url.hasQuery() ? u"/…"_s : QString());
    }

    const RawSettings &m_raw;
    const QProcessEnvironment &m_environment;
    const QString &m_workingDirectory;
    LoadedSettings m_loaded;
    std::optional<Error> m_error;
};

} // namespace

Result<LoadedSettings> readSettings(const QStringList &arguments, const QProcessEnvironment &environment,
    const QString &workingDirectory, const QString &installedFile)
{
    const Result<RawSettings> raw = collectSettings(arguments, environment, workingDirectory, installedFile);
    if (!raw)
        return raw.error();
    return SettingsReader(*raw, environment, workingDirectory).run();
}

Status prepareState(LoadedSettings &loaded)
{
    Settings &settings = loaded.settings;
    const Result<QString> prepared = prepareStateDirectory(settings.stateDir);
    if (!prepared)
        return prepared.error();
    if (!prepared->isEmpty())
        loaded.warnings.append(*prepared);
    giveStateToOwner(settings.stateDir);
    if (const Status usable = examineStateFiles(settings.stateDir); !usable)
        return usable;
    if (!settings.jwtKeys.empty())
        return ok();
    const Result<bool> made = makeSecretUnlessThere(settings.stateDir);
    if (!made)
        return made.error();
    loaded.hasMadeSecret = *made;
    giveStateToOwner(settings.stateDir);
    return addKeptKey(settings);
}

} // namespace gatehouse
