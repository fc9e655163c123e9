// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/settingvalues.h"

#include <algorithm>
#include <array>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QRegularExpression>
#include <QtCore/QTimeZone>
#include <QtCore/QUrl>

#include "server/access/accessrules.h"
#include "server/net/network.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Less is not enough to start with.
constexpr qint64 kLeastBudgetBytes = qint64(64) << 20;
constexpr qint64 kMostBudgetBytes = qint64(1024) << 30;

bool isOneOf(QStringView text, std::initializer_list<QLatin1StringView> words)
{
    return std::any_of(words.begin(), words.end(),
        [text](QLatin1StringView word) { return text.compare(word, Qt::CaseInsensitive) == 0; });
}

Error notOneOf(QStringView text, const QString &words)
{
    return { u"\"%1\" is not %2"_s.arg(text.toString(), words), {} };
}

constexpr std::array<std::pair<LogLevel, QLatin1StringView>, 4> kLevels{ {
    { LogLevel::Debug, "debug"_L1 },
    { LogLevel::Info, "info"_L1 },
    { LogLevel::Warning, "warning"_L1 },
    { LogLevel::Error, "error"_L1 },
} };

/// Where Qt looks for zones. Its list (QTimeZone::availableTimeZoneIds) leaves out links, such as Etc/UTC and
/// Asia/Calcutta.
constexpr std::array<QLatin1StringView, 2> kZoneDirectories{ "/usr/share/zoneinfo/"_L1, "/usr/lib/zoneinfo/"_L1 };

/// Whether a file of the machine's database has this name. right/ is left out: its seconds are none of the clock's.
bool isInZoneDatabase(QStringView name)
{
    static const QRegularExpression kName(u"^(?!right/)[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*\\z"_s);
    if (!kName.match(name).hasMatch())
        return false;
    return std::any_of(kZoneDirectories.begin(), kZoneDirectories.end(), [name](QLatin1StringView directory) {
        QFile file(directory + name.toString());
        return QFileInfo(file).isFile() && file.open(QIODevice::ReadOnly) && file.read(4) == "TZif";
    });
}

QString whyNoTimeZone(QStringView text)
{
    static const QRegularExpression kPosixRule(u"^(<[A-Za-z0-9+-]{1,8}>|[A-Za-z]{3,8})[+-]?[0-9]"_s);
    const QString quoted = u'"' + text.left(80).toString() + u'"';
    if (kPosixRule.match(text).hasMatch())
        return quoted
            + u" is a POSIX rule and no time zone of this machine; use a name as in Asia/Bangkok, or as in Etc/GMT-7, which is 7 hours east"_s;
    const bool hasDatabase = std::any_of(kZoneDirectories.begin(), kZoneDirectories.end(),
        [](QLatin1StringView directory) { return QFileInfo(directory).isDir(); });
    return quoted
        + (hasDatabase ? u" is not a time zone that this machine knows; use a name as in Asia/Bangkok"_s
                       : u" is not known, as this machine has no time zones but UTC; install tzdata"_s);
}

/// The form in which one of EXEMPT_NETWORKS is kept.
Result<QString> exemptNetwork(const QString &name, int ipv6PrefixBits)
{
    const bool isNetwork = name.contains(u'/');
    const Result<QString> value = canonicalAccessValue(isNetwork ? AccessKind::Cidr : AccessKind::Address, name);
    if (!value)
        return value;
    const Result<Network> network = parseNetwork(*value);
    if (!network)
        return network.error();
    if (network->address.isIpv4() || network->prefixBits <= ipv6PrefixBits)
        return value;
    if (isNetwork)
        return Error{
            u"\"%1\" is narrower than what IPV6_PREFIX (%2) takes for one address"_s.arg(name).arg(ipv6PrefixBits), {}
        };
    return network->address.bucket(ipv6PrefixBits).bucketText(ipv6PrefixBits);
}

} // namespace

Result<bool> parseBoolean(QStringView text)
{
    if (isOneOf(text, { "true"_L1, "1"_L1, "yes"_L1, "on"_L1 }))
        return true;
    if (isOneOf(text, { "false"_L1, "0"_L1, "no"_L1, "off"_L1 }))
        return false;
    return notOneOf(text, u"true or false"_s);
}

Result<qint64> parseNumber(QStringView text, qint64 minimum, qint64 maximum)
{
    constexpr qsizetype kLongestNumber = 18; // safely within 64 bits
    const QStringView digits = text.startsWith(u'-') ? text.mid(1) : text;
    const bool isWhole = !digits.isEmpty()
        && std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
    const Error invalid{
        u"must be a whole number from %1 to %2, not \"%3\""_s.arg(minimum).arg(maximum).arg(text.left(40)), {}
    };
    if (!isWhole || digits.size() > kLongestNumber)
        return invalid;
    const qint64 number = text.toLongLong();
    if (number < minimum || number > maximum)
        return invalid;
    return number;
}

Result<qint64> parseMemoryBudget(QStringView text)
{
    if (isOneOf(text, { "none"_L1 }))
        return qint64(0);
    constexpr QStringView kUnits = u"KMG";
    const qsizetype unit = text.isEmpty() ? -1 : kUnits.indexOf(text.back().toUpper());
    const QStringView digits = unit < 0 ? text : text.chopped(1);
    const qint64 scale = unit < 0 ? 1 : qint64(1) << (10 * (unit + 1));
    const Result<qint64> number = parseNumber(digits, 1, kMostBudgetBytes / scale);
    if (!number || *number * scale < kLeastBudgetBytes)
        return Error{ u"must be a size from 64M to 1024G, as 512M or 2G, or none, not \"%1\""_s.arg(text.left(40)),
            {} };
    return *number * scale;
}

QStringList splitList(QStringView text)
{
    QStringList parts;
    for (const QStringView part : text.split(u',')) {
        if (const QStringView trimmed = part.trimmed(); !trimmed.isEmpty())
            parts.append(trimmed.toString());
    }
    return parts;
}

Result<QStringList> parseAllowedHosts(QStringView text)
{
    static const QRegularExpression kPattern(
        u"^(\\*|(?<scheme>[a-z][a-z0-9+.-]*://)?(\\.?[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+\\])(?<port>:[0-9]{1,5})?/?)$"_s);
    QStringList patterns;
    for (const QString &part : splitList(text)) {
        QString pattern = part.toLower();
        const QRegularExpressionMatch match = kPattern.match(pattern);
        if (!match.hasMatch())
            return Error{
                u"\"%1\" is not a host pattern; use example.com, .example.com, https://example.com:8443 or *"_s.arg(
                    part),
                {}
            };
        if (match.hasCaptured(u"port"_s) && !match.hasCaptured(u"scheme"_s))
            return Error{
                u"\"%1\" has a port but no scheme, so it could never match; use example.com or https://example.com:8443"_s
                    .arg(part),
                {}
            };
        if (pattern.endsWith(u'/'))
            pattern.chop(1);
        patterns.append(pattern);
    }
    return patterns;
}

Result<QStringList> parseServedHosts(QStringView text)
{
    Result<QStringList> patterns = parseAllowedHosts(text);
    if (!patterns)
        return patterns;
    for (const QString &pattern : *patterns) {
        if (pattern.contains("://"_L1))
            return Error{ u"\"%1\" has a scheme, which a Host header has not; use example.com, .example.com or *"_s.arg(
                              pattern),
                {} };
    }
    return patterns;
}

Result<std::vector<Network>> parseNetworks(QStringView text)
{
    std::vector<Network> networks;
    for (const QString &part : splitList(text)) {
        Result<Network> network = parseNetwork(part);
        if (!network)
            return network.error();
        networks.push_back(*network);
    }
    return networks;
}

Result<QByteArray> parseTimeZone(QStringView text)
{
    const QByteArray name = text.toUtf8();
    // QTimeZone alone would take any word for the name of a POSIX rule.
    const bool isKnown = name == "UTC" || isInZoneDatabase(text);
    if (!isKnown || !QTimeZone(name).isValid())
        return Error{ whyNoTimeZone(text), {} };
    return name;
}

Result<LogLevel> parseLogLevel(QStringView text)
{
    for (const auto &[level, name] : kLevels) {
        if (isOneOf(text, { name }))
            return level;
    }
    return notOneOf(text, u"debug, info, warning or error"_s);
}

Result<LogFormat> parseLogFormat(QStringView text)
{
    if (isOneOf(text, { "text"_L1 }))
        return LogFormat::Text;
    if (isOneOf(text, { "json"_L1 }))
        return LogFormat::Json;
    if (isOneOf(text, { "journal"_L1 }))
        return LogFormat::Journal;
    return notOneOf(text, u"text, json or journal"_s);
}

Result<ExemptNetworks> parseExemptNetworks(QStringView text, int ipv6PrefixBits)
{
    const LimitDescriptor &descriptor = limitDescriptor(LimitKey::MaxConnectionsPerIp);
    ExemptNetworks networks;
    for (const QString &part : splitList(text)) {
        const qsizetype equals = part.indexOf(u'=');
        const QString name = (equals < 0 ? part : part.left(equals)).trimmed();
        const Result<QString> value = exemptNetwork(name, ipv6PrefixBits);
        if (!value)
            return value.error();
        std::optional<qint64> limit;
        if (equals >= 0) {
            const QString number = part.mid(equals + 1).trimmed();
            const Result<qint64> parsed = parseNumber(number, descriptor.minimum, descriptor.maximum);
            if (!parsed)
                return Error{ u"the number of %1 %2"_s.arg(name, parsed.error().message), {} };
            limit = *parsed;
        }
        if (!networks.emplace(*value, limit).second)
            return Error{ u"\"%1\" is named twice"_s.arg(name), {} };
    }
    return networks;
}

Result<LimitProfile> parseLimitProfile(QStringView text)
{
    if (const LimitProfileDescriptor *profile = findLimitProfile(text))
        return profile->profile;
    QStringList names;
    for (const LimitProfileDescriptor &profile : limitProfiles())
        names.append(profile.name);
    const QString last = names.takeLast();
    return notOneOf(text.left(40), names.join(u", "_s) + u" or "_s + last);
}

Result<QString> parseWebhookUrl(QStringView text)
{
    if (text.isEmpty())
        return QString();
    const QUrl url(text.toString(), QUrl::StrictMode);
    const bool isHttp = url.scheme() == "http"_L1 || url.scheme() == "https"_L1;
    if (!url.isValid() || !isHttp || url.host().isEmpty())
        return Error{ u"is not an absolute http or https URL"_s, {} }; // not quoted: such URLs hold secrets
    return text.toString();
}

Result<QString> parseNodeName(QStringView text)
{
    static const QRegularExpression kPattern(u"^[A-Za-z0-9._:-]{0,64}\\z"_s);
    if (!kPattern.match(text).hasMatch())
        return Error{ u"\"%1\" is not a name of 1 to 64 of A-Z a-z 0-9 . _ : -"_s.arg(text.left(80)), {} };
    return text.toString();
}

Result<bool> parseRedisAway(QStringView text)
{
    if (isOneOf(text, { "full"_L1 }))
        return false;
    if (isOneOf(text, { "share"_L1 }))
        return true;
    return notOneOf(text, u"full or share"_s);
}

bool guardsByDefault(std::optional<bool> useProductionMiddleware, bool isDebug)
{
    return useProductionMiddleware.value_or(!isDebug);
}

} // namespace gatehouse
