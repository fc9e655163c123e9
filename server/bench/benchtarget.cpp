// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/benchtarget.h"

#include <cstring>

#include <QtNetwork/QHostAddress>
#include <QtNetwork/QHostInfo>

#include <arpa/inet.h>
#include <netinet/in.h>

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

namespace {

constexpr quint32 kFirstSourceNetwork = 0x7f010000; // 127.1.0.0
constexpr int kHostsPerNetwork = 250;               // the last byte runs from 1 to 250

std::optional<QHostAddress> lookUp(const QString &host)
{
    if (host.compare("localhost"_L1, Qt::CaseInsensitive) == 0)
        return QHostAddress(QHostAddress::LocalHost);
    const QHostAddress literal(host);
    if (!literal.isNull())
        return literal;
    const QList<QHostAddress> found = QHostInfo::fromName(host).addresses();
    return found.isEmpty() ? std::nullopt : std::optional(found.constFirst());
}

template <typename Sockaddr> void store(Target &target, const Sockaddr &address)
{
    std::memcpy(&target.address, &address, sizeof address);
    target.addressBytes = sizeof address;
}

} // namespace

Result<Target> resolveTarget(const QUrl &url)
{
    if (url.scheme() != "http"_L1 && url.scheme() != "ws"_L1)
        return Error{ u"the bench speaks http and ws, without TLS; measure behind the proxy that terminates it"_s, {} };
    const std::optional<QHostAddress> address = lookUp(url.host());
    if (!address)
        return Error{ u"the host \"%1\" cannot be found"_s.arg(url.host()), {} };
    const quint16 port = quint16(url.port(80));
    Target target;
    target.isIpv4 = address->protocol() == QAbstractSocket::IPv4Protocol;
    if (target.isIpv4) {
        sockaddr_in ipv4{};
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(port);
        ipv4.sin_addr.s_addr = htonl(address->toIPv4Address());
        store(target, ipv4);
    } else {
        sockaddr_in6 ipv6{};
        ipv6.sin6_family = AF_INET6;
        ipv6.sin6_port = htons(port);
        const Q_IPV6ADDR bytes = address->toIPv6Address();
        std::memcpy(&ipv6.sin6_addr, &bytes, sizeof bytes);
        store(target, ipv6);
    }
    const QString host = target.isIpv4 ? url.host() : QString(u'[' + address->toString() + u']');
    target.host = QString(host + u':' + QString::number(port)).toLatin1();
    target.text = u"http://"_s + QString::fromLatin1(target.host);
    target.isLoopback = isLoopbackAddress(target.address);
    return target;
}

bool isLoopbackAddress(const sockaddr_storage &address)
{
    if (address.ss_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address, sizeof ipv4);
        return (ntohl(ipv4.sin_addr.s_addr) >> 24) == 127;
    }
    if (address.ss_family != AF_INET6)
        return false;
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof ipv6);
    const bool isMapped = IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr) != 0;
    return isMapped ? ipv6.sin6_addr.s6_addr[12] == 127 : IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr) != 0;
}

quint32 sourceAddress(int number, int count)
{
    const quint32 index = quint32(number % count);
    return kFirstSourceNetwork + (index / kHostsPerNetwork << 8) + index % kHostsPerNetwork + 1;
}

} // namespace gatehouse::bench
