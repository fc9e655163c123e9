// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisurl.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <QtCore/QStringDecoder>
#include <QtCore/QStringList>

#include <sys/un.h>

#include "server/net/ipaddress.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMostDatabase = 65535;
constexpr quint16 kSentinelPort = 26379;
constexpr qsizetype kLongestHost = 253;

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

/// A decimal number without sign or blanks; -1 for everything else.
int plainNumber(QStringView text, int maximum)
{
    if (text.isEmpty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), isDigit))
        return -1;
    const int number = text.toInt();
    return number <= maximum ? number : -1;
}

bool isHostName(QStringView host)
{
    return host.size() <= kLongestHost && std::all_of(host.begin(), host.end(), [](QChar c) {
        return isDigit(c) || (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || c == u'.' || c == u'-'
            || c == u'_';
    });
}

/// Reads a URL from its front to its back; each step keeps the first error.
class UrlReader
{
public:
    Result<RedisUrl> run(const QString &text)
    {
        const QStringView rest = readScheme(text);
        const qsizetype question = rest.indexOf(u'?');
        const QStringView beforeQuery = question < 0 ? rest : rest.left(question);
        const qsizetype slash = beforeQuery.indexOf(u'/');
        const QStringView authority = slash < 0 ? beforeQuery : beforeQuery.left(slash);
        const QStringView path = slash < 0 ? QStringView() : beforeQuery.mid(slash);
        if (rest.contains(u'#'))
            fail(u"has a #: in a password it must be written %23"_s);
        if (!m_isUnix && rest.mid(authority.size()).contains(u'@'))
            fail(u"has an @ behind its first / or ?: in a password these must be written %40, %2F and %3F"_s);
        const qsizetype at = authority.lastIndexOf(u'@');
        if (at >= 0)
            readCredentials(authority.left(at));
        const QStringView hosts = authority.mid(at + 1);
        if (m_isUnix)
            readUnixPath(hosts, path);
        else
            readHosts(hosts);
        if (m_isSentinel)
            readSentinelPath(path);
        else if (!m_isUnix)
            readDatabase(path.mid(path.isEmpty() ? 0 : 1));
        if (question >= 0)
            readQuery(rest.mid(question + 1));
        if (m_url.certFile.isEmpty() != m_url.keyFile.isEmpty())
            fail(u"has only one of cert and key, which belong together"_s);
        if (m_error)
            return *m_error;
        return std::move(m_url);
    }

private:
    void fail(const QString &what)
    {
        if (!m_error)
            m_error = Error{ what, {} };
    }

    QStringView readScheme(QStringView text)
    {
        const qsizetype end = text.indexOf("://"_L1);
        const QString scheme = text.left(std::max<qsizetype>(end, 0)).toString().toLower();
        m_url.isTls = scheme.startsWith("rediss"_L1);
        m_isSentinel = scheme.endsWith("+sentinel"_L1);
        m_isUnix = scheme == "redis+unix"_L1;
        static const QStringList kSchemes{ u"redis"_s, u"rediss"_s, u"redis+unix"_s, u"redis+sentinel"_s,
            u"rediss+sentinel"_s };
        if (!kSchemes.contains(scheme))
            fail(u"must begin with redis://, rediss://, redis+unix://, redis+sentinel:// or rediss+sentinel://"_s);
        return end < 0 ? QStringView() : text.mid(end + 3);
    }

    QString decoded(QStringView text, const QString &part)
    {
        for (qsizetype i = 0; i < text.size(); ++i) {
            const auto isHex = [&text](qsizetype at) {
                return at < text.size() && text[at].unicode() < 128 && std::isxdigit(text[at].unicode());
            };
            if (text[i] == u'%' && !(isHex(i + 1) && isHex(i + 2)))
                fail(part + u" has a % that two hexadecimal digits must follow; the sign itself is written %25"_s);
        }
        QStringDecoder utf8(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
        const QString result = utf8(QByteArray::fromPercentEncoding(text.toUtf8()));
        if (utf8.hasError() || result.contains(QChar()))
            fail(part + u" is not UTF-8 without NUL once it is percent-decoded"_s);
        return result;
    }

    void readCredentials(QStringView text)
    {
        const qsizetype colon = text.indexOf(u':');
        m_url.user = decoded(text.left(std::max<qsizetype>(colon, 0)), u"the user"_s);
        if (colon < 0 || colon + 1 == text.size())
            fail(u"has an @ but no password in front of it; the form is [user]:password@"_s);
        else
            m_url.password = decoded(text.mid(colon + 1), u"the password"_s);
    }

    void readHosts(QStringView hosts)
    {
        const auto parts = hosts.split(u',');
        if (!m_isSentinel && parts.size() > 1)
            fail(u"names several hosts, which only redis+sentinel:// and rediss+sentinel:// may"_s);
        for (qsizetype i = 0; i < parts.size(); ++i)
            readHost(parts[i], parts.size() > 1 ? QString(u" of host "_s + QString::number(i + 1)) : QString());
    }

    void readHost(QStringView text, const QString &which)
    {
        RedisEndpoint endpoint{ {}, m_isSentinel ? kSentinelPort : quint16(6379) };
        const bool isBracketed = text.startsWith(u'[');
        const qsizetype bracket = text.indexOf(u']');
        const qsizetype hostEnd = isBracketed ? bracket + 1 : std::max<qsizetype>(text.indexOf(u':'), -1);
        const QStringView host = hostEnd < 0 ? text : text.left(hostEnd);
        const QStringView behind = text.mid(host.size());
        if (host.isEmpty())
            return fail(u"names no host"_s);
        if (isBracketed) {
            const QStringView inner = host.mid(1, host.size() - 2);
            if (bracket < 0 || !inner.contains(u':') || !IpAddress::parse(inner.toUtf8()))
                return fail(u"has something in brackets"_s + which + u" that is no IPv6 address"_s);
            endpoint.host = inner.toString();
        } else {
            if (!isHostName(host))
                return fail(u"the host"_s + which + u" is neither a name nor an address (IPv6 in brackets)"_s);
            endpoint.host = host.toString();
        }
        if (!behind.isEmpty()) {
            const int port = behind.startsWith(u':') ? plainNumber(behind.mid(1), 65535) : -1;
            if (port < 1)
                return fail(u"the port"_s + which + u" is not a number from 1 to 65535"_s);
            endpoint.port = quint16(port);
        }
        m_url.endpoints.push_back(endpoint);
    }

    void readUnixPath(QStringView hosts, QStringView path)
    {
        if (!hosts.isEmpty())
            return fail(u"redis+unix:// must be followed by an absolute path, or by [user]:password@ and one"_s);
        m_url.unixPath = decoded(path, u"the path"_s);
        if (m_url.unixPath.size() < 2)
            fail(u"names no path"_s);
        else if (size_t(m_url.unixPath.toUtf8().size()) >= sizeof(sockaddr_un::sun_path))
            fail(u"the path is longer than %1 bytes"_s.arg(sizeof(sockaddr_un::sun_path) - 1));
    }

    void readSentinelPath(QStringView path)
    {
        const auto parts = path.mid(path.isEmpty() ? 0 : 1).split(u'/');
        if (parts.size() > 2)
            return fail(u"has more than the name of the master and the database in its path"_s);
        m_url.masterName = decoded(parts[0], u"the name of the master"_s);
        if (m_url.masterName.isEmpty())
            fail(u"does not name the master: redis+sentinel://host:26379/name"_s);
        if (parts.size() == 2)
            readDatabase(parts[1]);
    }

    void readDatabase(QStringView text)
    {
        if (text.isEmpty())
            return;
        const int database = plainNumber(text, kMostDatabase);
        if (database < 0)
            return fail(u"the database is not a number from 0 to %1"_s.arg(kMostDatabase));
        if (m_hasDatabase)
            return fail(u"names a database twice"_s);
        m_url.database = database;
        m_hasDatabase = true;
    }

    void readQuery(QStringView query)
    {
        QStringList seen;
        for (const QStringView member : query.split(u'&', Qt::SkipEmptyParts)) {
            const qsizetype equals = member.indexOf(u'=');
            const QString name = member.left(std::max<qsizetype>(equals, 0)).toString();
            if (seen.contains(name))
                fail(u"has one name twice behind its ?"_s);
            seen.append(name);
            readMember(name, member.mid(equals + 1));
        }
    }

    void readMember(const QString &name, QStringView value)
    {
        const bool isFile = name == "ca"_L1 || name == "cert"_L1 || name == "key"_L1;
        if (name != "db"_L1 && name != "sentinel_password"_L1 && !isFile)
            return fail(
                u"may have db, sentinel_password, ca, cert and key behind its ?, each with = and a value, and nothing else"_s);
        if (value.isEmpty())
            return fail(name + u" is empty"_s);
        if (name == "db"_L1)
            return readDatabase(value);
        const QString text = decoded(value, name);
        if (name == "sentinel_password"_L1) {
            if (!m_isSentinel)
                fail(u"sentinel_password needs redis+sentinel:// or rediss+sentinel://"_s);
            m_url.sentinelPassword = text;
            return;
        }
        if (!m_url.isTls)
            fail(name + u" needs TLS: rediss:// or rediss+sentinel://"_s);
        if (!text.startsWith(u'/'))
            fail(name + u" must be an absolute path"_s);
        (name == "ca"_L1 ? m_url.caFile : name == "cert"_L1 ? m_url.certFile : m_url.keyFile) = text;
    }

    RedisUrl m_url;
    bool m_isSentinel = false;
    bool m_isUnix = false;
    bool m_hasDatabase = false;
    std::optional<Error> m_error;
};

} // namespace

QString RedisEndpoint::toString() const
{
    const bool isIpv6 = host.contains(u':');
    return (isIpv6 ? u"["_s : QString()) + host + (isIpv6 ? u"]:"_s : u":"_s) + QString::number(port);
}

QString RedisUrl::redacted() const
{
    if (!unixPath.isEmpty())
        return u"redis+unix://%1?db=%2"_s.arg(unixPath).arg(database);
    QStringList hosts;
    for (const RedisEndpoint &endpoint : endpoints)
        hosts.append(endpoint.toString());
    const QString scheme = isTls ? u"rediss"_s : u"redis"_s;
    if (masterName.isEmpty())
        return scheme + u"://"_s + hosts.join(u',') + u'/' + QString::number(database);
    return scheme + u"+sentinel://"_s + hosts.join(u',') + u'/' + masterName + u'/' + QString::number(database);
}

Result<RedisUrl> parseRedisUrl(const QString &text)
{
    return UrlReader().run(text);
}

} // namespace gatehouse
