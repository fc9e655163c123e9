// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/originpolicy.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

int defaultPort(const QByteArray &scheme)
{
    if (scheme == "https" || scheme == "wss")
        return 443;
    return scheme == "http" || scheme == "ws" ? 80 : -1;
}

bool isHostCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// Splits "host", "host:port", "[v6]" and "[v6]:port"; false for anything else.
bool splitAuthority(QByteArray authority, QByteArray &host, int &port)
{
    QByteArray portText;
    if (authority.startsWith('[')) {
        const qsizetype end = authority.indexOf(']');
        if (end < 0)
            return false;
        host = authority.first(end + 1);
        portText = authority.mid(end + 1);
    } else {
        const qsizetype colon = authority.indexOf(':');
        host = colon < 0 ? authority : authority.first(colon);
        portText = colon < 0 ? QByteArray() : authority.mid(colon);
        if (!std::all_of(host.begin(), host.end(), isHostCharacter))
            return false;
    }
    if (host.isEmpty())
        return false;
    if (portText.isEmpty())
        return true;
    bool isNumber = false;
    port = portText.mid(1).toUShort(&isNumber);
    return portText.startsWith(':') && isNumber;
}

} // namespace

OriginPolicy::OriginPolicy(const QStringList &patterns, bool isDebug, bool allowsMissing)
    : m_allowsMissing(allowsMissing)
{
    const QStringList effective
        = patterns.isEmpty() && isDebug ? QStringList{ u"localhost"_s, u"127.0.0.1"_s, u"[::1]"_s } : patterns;
    for (const QString &text : effective) {
        QByteArray rest = text.trimmed().toLower().toUtf8();
        if (rest.isEmpty())
            continue;
        Pattern pattern;
        const qsizetype schemeEnd = rest.indexOf("://");
        if (schemeEnd >= 0) {
            pattern.scheme = rest.first(schemeEnd);
            rest = rest.mid(schemeEnd + 3);
        }
        pattern.hasSubdomains = rest.startsWith('.');
        if (pattern.hasSubdomains)
            rest.remove(0, 1);
        if (rest == "*") {
            pattern.host = rest;
            m_allowsAll = m_allowsAll || pattern.scheme.isEmpty();
        } else if (!splitAuthority(rest, pattern.host, pattern.port)) {
            continue; // the settings loader has refused it by name; here it matches nothing
        }
        if (!pattern.scheme.isEmpty() && pattern.port < 0)
            pattern.port = defaultPort(pattern.scheme);
        m_patterns.push_back(pattern);
    }
}

std::optional<OriginPolicy::Origin> OriginPolicy::parse(const QByteArray &text)
{
    const QByteArray lower = text.toLower();
    const qsizetype schemeEnd = lower.indexOf("://");
    if (schemeEnd <= 0)
        return std::nullopt;
    Origin origin;
    origin.scheme = lower.first(schemeEnd);
    if (!splitAuthority(lower.mid(schemeEnd + 3), origin.host, origin.port))
        return std::nullopt;
    if (origin.port < 0)
        origin.port = defaultPort(origin.scheme);
    return origin;
}

bool OriginPolicy::matches(const Pattern &pattern, const Origin &origin)
{
    if (!pattern.scheme.isEmpty() && (pattern.scheme != origin.scheme || pattern.port != origin.port))
        return false;
    if (pattern.host == "*" || pattern.host == origin.host)
        return true;
    const qsizetype dot = origin.host.size() - pattern.host.size() - 1;
    return pattern.hasSubdomains && dot > 0 && origin.host[dot] == '.' && origin.host.endsWith(pattern.host);
}

bool OriginPolicy::allows(const std::optional<QByteArray> &origin) const
{
    if (m_allowsAll)
        return true;
    if (!origin)
        return m_allowsMissing;
    const std::optional<Origin> parsed = parse(*origin);
    return parsed && std::any_of(m_patterns.begin(), m_patterns.end(), [&parsed](const Pattern &pattern) {
        return matches(pattern, *parsed);
    });
}

} // namespace gatehouse
