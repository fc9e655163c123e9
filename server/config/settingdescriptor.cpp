// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/settingdescriptor.h"

#include <algorithm>
#include <numeric>

#include "server/auth/jwtclaims.h"
#include "server/net/ipaddress.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString flagFor(const QString &name)
{
    return u"--"_s + name.toLower().replace(u'_', u'-');
}

SettingDescriptor row(const QString &name, SettingKind kind, std::optional<QString> defaultValue, const QString &help)
{
    SettingDescriptor descriptor{ name, flagFor(name), kind, std::move(defaultValue), false, false, help, {} };
    descriptor.mayBeEmpty = descriptor.defaultValue && descriptor.defaultValue->isEmpty();
    return descriptor;
}

SettingDescriptor of(SettingArea area, SettingDescriptor descriptor)
{
    descriptor.area = area;
    return descriptor;
}

SettingDescriptor redisSetting()
{
    SettingDescriptor redis = row(u"REDIS_URL"_s, SettingKind::Url, u""_s,
        u"The Redis server that makes nodes one cluster: redis://, rediss:// (TLS), redis+unix://, redis+sentinel:// or rediss+sentinel://."_s);
    redis.area = SettingArea::State;
    redis.isSecret = true;
    redis.flag.clear();
    return redis;
}

SettingDescriptor ingestSetting()
{
    SettingDescriptor redis = row(u"INGEST_REDIS_URL"_s, SettingKind::Url, u""_s,
        u"A Redis server from which a server alone publishes what backends append to gatehouse:publish; as REDIS_URL, without making it a cluster."_s);
    redis.area = SettingArea::State;
    redis.isSecret = true;
    redis.flag.clear();
    return redis;
}

SettingDescriptor memorySetting()
{
    return row(u"MEMORY_BUDGET"_s, SettingKind::Bytes, std::nullopt,
        u"How much memory the server may take, as 512M, 2G or in bytes, at least 64M, or none; by default four fifths of what the cgroup allows, none without such a limit."_s);
}

std::vector<SettingDescriptor> listenerSettings()
{
    using enum SettingKind;
    return {
        row(u"LISTEN"_s, Listen, u"127.0.0.1:8080"_s,
            u"Where to listen: host:port, [IPv6]:port, :port for every address (IPv4 and IPv6), or unix:/path; port 0 picks a free one."_s),
        row(u"ADMIN_LISTEN"_s, Listen, u""_s,
            u"An own listener for the admin API; by default it is served on LISTEN."_s),
        row(u"LISTEN_MODE"_s, Text, std::nullopt,
            u"Mode of the socket at a unix:/path of LISTEN, in octal; by default 0666, with LISTEN_GROUP 0660."_s),
        row(u"LISTEN_GROUP"_s, Text, u""_s, u"Group of that socket, by name or number; by default the server's own."_s),
        row(u"ADMIN_LISTEN_MODE"_s, Text, u"0660"_s,
            u"Mode of the socket at a unix:/path of ADMIN_LISTEN, in octal."_s),
        row(u"ADMIN_LISTEN_GROUP"_s, Text, u""_s,
            u"Group of that socket, by name or number; by default the server's own."_s),
    };
}

SettingDescriptor trustedProxiesSetting()
{
    return row(u"TRUSTED_PROXIES"_s, SettingKind::List, u""_s,
        u"Networks (CIDR) whose X-Forwarded-For is believed; unix stands for peers on a Unix-domain listener."_s);
}

SettingDescriptor proxyProtocolSetting()
{
    return row(u"PROXY_PROTOCOL"_s, SettingKind::Boolean, u"false"_s,
        u"Connections to LISTEN begin with a header of the PROXY protocol (version 1 or 2), from TRUSTED_PROXIES alone."_s);
}

std::vector<SettingDescriptor> generalSettings()
{
    using enum SettingKind;
    SettingDescriptor secret = row(u"JWT_SECRET"_s, Text, std::nullopt,
        u"Shared secret that tokens are signed with, at least as long as the hash (HS256: 32 bytes); by default STATE_DIR/jwt_secret, made at the first run."_s);
    secret.isSecret = true;
    secret.flag.clear();
    return {
        of(SettingArea::State,
            row(u"STATE_DIR"_s, Path, std::nullopt,
                u"Directory of the database and the generated secret; by default STATE_DIRECTORY (systemd), else gatehouse in XDG_STATE_HOME or ~/.local/state."_s)),
        secret,
        row(u"JWT_KEYS_FILE"_s, Path, u""_s,
            u"JWK set (JSON), or PEM with public keys or certificates, that tokens are verified with; read again on SIGHUP."_s),
        row(u"JWT_ALGORITHM"_s, Choice, u""_s,
            u"The algorithm of keys that do not name one: HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256 or ES384; by default HS256 for secrets, RS256 for RSA, the curve's for EC."_s),
        row(u"JWT_ISSUER"_s, Text, u""_s, u"What a token's iss must be; by default it is not looked at."_s),
        row(u"JWT_AUDIENCE"_s, List, u""_s,
            u"Of these one must be in a token's aud; by default it is not looked at."_s),
        row(u"JWT_LEEWAY"_s, Number, QString::number(kDefaultJwtLeeway.count()),
            u"Seconds by which the clocks of issuer and server may differ, 0 to 300."_s),
        row(u"JWT_USER_CLAIM"_s, Text, u""_s, u"The claim that holds the user's id; by default user_id, else sub."_s),
        row(u"ALLOWED_HOSTS"_s, List, u""_s,
            u"Origins that may connect: example.com, .example.com with its subdomains, https://example.com:8443, or * for all."_s),
        row(u"ALLOW_MISSING_ORIGIN"_s, Boolean, u"false"_s,
            u"Lets clients connect that send no Origin header, as programs do."_s),
        row(u"SERVED_HOSTS"_s, List, u""_s,
            u"Host names that the channel is reached by, written as in ALLOWED_HOSTS; empty for any."_s),
        row(u"ADMIN_USERS"_s, List, u""_s, u"Ids of the users who have the admin role."_s),
        row(u"DEBUG"_s, Boolean, u"false"_s,
            u"For development: switches rate limits and monitoring off unless USE_PRODUCTION_WEBSOCKET_MIDDLEWARE is true, and allows localhost."_s),
        row(u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE"_s, Boolean, std::nullopt,
            u"Rate limits and monitoring: true is on, false is off; by default on unless DEBUG is true."_s),
        row(u"METRICS_PUBLIC"_s, Boolean, u"false"_s, u"Serves /metrics without a token."_s),
        trustedProxiesSetting(),
        proxyProtocolSetting(),
        row(u"TIME_ZONE"_s, Text, u"UTC"_s, u"Where \"today\" begins, as in Asia/Bangkok."_s),
        row(u"WORKERS"_s, Number, std::nullopt, u"Channel threads, 1 to 64; by default one per core, at most 8."_s),
        memorySetting(),
        row(u"DRAIN_SECONDS"_s, Number, u"20"_s,
            u"How long the clients are told to come back at most when the server ends, a hundred a second on each worker, 0 to 600; 0 tells all at once."_s),
        row(u"LOG_LEVEL"_s, Choice, u"info"_s, u"debug, info, warning or error."_s),
        row(u"LOG_FORMAT"_s, Choice, u"text"_s, u"text, json for machines, or journal: text with priorities."_s),
        row(u"METRICS_RETENTION_DAYS"_s, Number, u"30"_s, u"Metrics older than this are deleted, 1 to 3650."_s),
        row(u"ALERT_WEBHOOK_URL"_s, Url, u""_s, u"Where alerts are posted as JSON (http or https)."_s),
    };
}

std::vector<SettingDescriptor> clusterSettings()
{
    using enum SettingKind;
    return {
        redisSetting(),
        row(u"REDIS_TIMEOUT"_s, Number, u"500"_s,
            u"Milliseconds that a connection waits for Redis' word about the limits of all nodes, 10 to 5000; after that, and while Redis is away, its node judges alone."_s),
        row(u"REDIS_AWAY"_s, Choice, u"full"_s,
            u"What limits a node holds by itself while Redis is away: full, or share, each divided by the nodes."_s),
        ingestSetting(),
        row(u"NODE_NAME"_s, Text, u""_s,
            u"What this node is called in a cluster, 1 to 64 of A-Z a-z 0-9 . _ : -; by default its host name and port."_s),
    };
}

void appendLimit(std::vector<SettingDescriptor> &rows, const LimitDescriptor &limit)
{
    const QString name = limit.environmentName;
    SettingDescriptor value = row(name, SettingKind::Number, QString::number(limit.defaultValue), limit.help);
    value.limit = limit.key;
    rows.push_back(value);
    if (!limit.hasMode)
        return;
    SettingDescriptor mode = row(name + u"_MODE"_s, SettingKind::Choice, u"enforce"_s,
        u"What %1 does when it is reached: enforce, observe (only counts) or off."_s.arg(name));
    mode.limit = limit.key;
    rows.push_back(mode);
}

/// About limits as a whole, then each limit.
std::vector<SettingDescriptor> limitSettings()
{
    using enum SettingKind;
    std::vector<SettingDescriptor> rows{
        row(u"LIMITS_PROFILE"_s, Choice, u"guide"_s,
            u"Where limits come from that are set nowhere else: guide, site (users share office addresses), strict or high_traffic."_s),
        row(u"IPV6_PREFIX"_s, Number, QString::number(IpAddress::kBucketBits),
            u"So many bits of an IPv6 address are one address for limits, bans and exemptions, 48 to 64."_s),
        row(u"EXEMPT_NETWORKS"_s, List, u""_s,
            u"Addresses and networks that the limits of addresses do not count, or count against a number of their own: 10.0.0.0/8,203.0.113.0/24=200."_s),
    };
    for (const LimitDescriptor &limit : limitDescriptors())
        appendLimit(rows, limit);
    for (SettingDescriptor &each : rows)
        each.area = SettingArea::Limits;
    return rows;
}

/// Edits (insertions, deletions, substitutions) between two short texts.
int editDistance(QStringView a, QStringView b)
{
    std::vector<int> previous(size_t(b.size()) + 1);
    std::iota(previous.begin(), previous.end(), 0);
    for (qsizetype i = 0; i < a.size(); ++i) {
        std::vector<int> current(previous.size());
        current[0] = int(i) + 1;
        for (size_t j = 1; j < current.size(); ++j) {
            const int substitution = previous[j - 1] + (a[i] == b[qsizetype(j) - 1] ? 0 : 1);
            current[j] = std::min({ previous[j] + 1, current[j - 1] + 1, substitution });
        }
        previous = std::move(current);
    }
    return previous.back();
}

} // namespace

const std::vector<SettingDescriptor> &settingDescriptors()
{
    static const std::vector<SettingDescriptor> kSettings = [] {
        std::vector<SettingDescriptor> rows = listenerSettings();
        for (const std::vector<SettingDescriptor> &more : { generalSettings(), clusterSettings(), limitSettings() })
            rows.insert(rows.end(), more.begin(), more.end());
        return rows;
    }();
    return kSettings;
}

const SettingDescriptor *findSetting(QStringView name)
{
    const auto &rows = settingDescriptors();
    const auto found = std::find_if(rows.begin(), rows.end(), [name](const auto &row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

const SettingDescriptor *findSettingByFlag(QStringView flag)
{
    const auto &rows = settingDescriptors();
    const auto found = std::find_if(
        rows.begin(), rows.end(), [flag](const auto &row) { return !row.flag.isEmpty() && row.flag == flag; });
    return found == rows.end() ? nullptr : &*found;
}

const SettingDescriptor *closestSetting(QStringView name)
{
    constexpr qsizetype kShortestTypo = 8; // shorter names are too easily near to something unrelated
    constexpr qsizetype kLongestName = 64;
    constexpr int kMostEdits = 2;
    if (name.size() > kLongestName)
        return nullptr;
    const QString upper = name.toString().toUpper().replace(u'-', u'_');
    if (const SettingDescriptor *same = findSetting(upper)) // "listen"
        return same;
    if (name.size() < kShortestTypo)
        return nullptr;
    const SettingDescriptor *closest = nullptr;
    int fewest = kMostEdits + 1;
    for (const SettingDescriptor &row : settingDescriptors()) {
        const int edits = editDistance(upper, row.name);
        if (edits < fewest) {
            fewest = edits;
            closest = &row;
        }
    }
    return closest;
}

} // namespace gatehouse
