// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/forwardedfor.h"

#include <algorithm>

#include <QtCore/QList>

namespace gatehouse {

namespace {

/// "203.0.113.7", "203.0.113.7:1234", "2001:db8::1", "[2001:db8::1]" and "[2001:db8::1]:1234".
std::optional<IpAddress> parseHop(QByteArrayView text)
{
    if (text.startsWith('[')) {
        const qsizetype end = text.indexOf(']');
        return end < 0 ? std::nullopt : IpAddress::parse(text.sliced(1, end - 1));
    }
    const qsizetype colon = text.indexOf(':');
    if (colon >= 0 && text.lastIndexOf(':') == colon)
        return IpAddress::parse(text.first(colon));
    return IpAddress::parse(text);
}

} // namespace

bool isTrusted(const IpAddress &peer, const std::vector<Network> &trustedProxies)
{
    return std::any_of(trustedProxies.begin(), trustedProxies.end(),
        [&peer](const Network &network) { return network.contains(peer); });
}

ForwardedClient clientAddress(
    const IpAddress &peer, const QByteArray &forwardedFor, const std::vector<Network> &trustedProxies)
{
    if (!isTrusted(peer, trustedProxies))
        return { peer, Forwarded::NotAsked };
    if (forwardedFor.trimmed().isEmpty())
        return { peer, Forwarded::Missing };
    ForwardedClient client{ peer, Forwarded::Used };
    const QList<QByteArray> hops = forwardedFor.split(',');
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        const std::optional<IpAddress> address = parseHop(hop->trimmed());
        if (!address)
            return { client.address, Forwarded::Unusable };
        client.address = *address;
        if (!isTrusted(client.address, trustedProxies))
            break;
    }
    return client;
}

} // namespace gatehouse
