// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/ipaddress.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array<quint8, 12> kMappedPrefix{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
constexpr std::array<quint8, 12> kNat64Prefix{ 0, 0x64, 0xff, 0x9b };
constexpr qsizetype kLongestText = INET6_ADDRSTRLEN;

} // namespace

IpAddress IpAddress::fromSockaddr(const sockaddr_storage &address)
{
    IpAddress result;
    if (address.ss_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address, sizeof ipv4);
        return fromIpv4(ntohl(ipv4.sin_addr.s_addr));
    }
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, &address, sizeof ipv6);
        std::memcpy(result.m_bytes.data(), &ipv6.sin6_addr, result.m_bytes.size());
    }
    return result.withoutNat64();
}

IpAddress IpAddress::fromIpv4(quint32 hostOrder)
{
    IpAddress result;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), result.m_bytes.begin());
    for (size_t i = 0; i < 4; ++i)
        result.m_bytes[12 + i] = quint8(hostOrder >> (24 - 8 * i));
    return result;
}

IpAddress IpAddress::fromNetworkHalf(quint64 bytes)
{
    IpAddress result;
    std::memcpy(result.m_bytes.data(), &bytes, sizeof bytes);
    return result;
}

std::optional<IpAddress> IpAddress::parse(QByteArrayView text)
{
    if (text.isEmpty() || text.size() >= kLongestText || text.contains('\0'))
        return std::nullopt;
    char terminated[kLongestText]{};
    std::memcpy(terminated, text.data(), size_t(text.size()));
    in_addr ipv4{};
    if (inet_pton(AF_INET, terminated, &ipv4) == 1)
        return fromIpv4(ntohl(ipv4.s_addr));
    IpAddress result;
    if (inet_pton(AF_INET6, terminated, result.m_bytes.data()) == 1)
        return result.withoutNat64();
    return std::nullopt;
}

bool IpAddress::isIpv4() const
{
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), m_bytes.begin());
}

bool IpAddress::isUnspecified() const
{
    return *this == IpAddress();
}

QString IpAddress::toString() const
{
    char text[kLongestText]{};
    if (isIpv4())
        inet_ntop(AF_INET, m_bytes.data() + 12, text, sizeof text);
    else
        inet_ntop(AF_INET6, m_bytes.data(), text, sizeof text);
    return QString::fromLatin1(text);
}

IpAddress IpAddress::bucket(int ipv6PrefixBits) const
{
    return isIpv4() ? *this : firstBits(ipv6PrefixBits);
}

IpAddress IpAddress::site() const
{
    return isIpv4() ? *this : firstBits(48);
}

IpAddress IpAddress::withoutNat64() const
{
    IpAddress address = *this;
    if (std::equal(kNat64Prefix.begin(), kNat64Prefix.end(), m_bytes.begin()))
        std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.m_bytes.begin());
    return address;
}

IpAddress IpAddress::firstBits(int kept) const
{
    IpAddress network = *this;
    for (int i = kept / 8; i < int(m_bytes.size()); ++i)
        network.m_bytes[size_t(i)] &= quint8(i == kept / 8 ? 0xff00 >> kept % 8 : 0);
    return network;
}

QString IpAddress::bucketText(int ipv6PrefixBits) const
{
    return isIpv4() || isUnspecified() ? toString() : u"%1/%2"_s.arg(toString()).arg(ipv6PrefixBits);
}

} // namespace gatehouse
