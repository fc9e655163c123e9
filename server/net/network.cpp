// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/network.h"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "server/base/plainnumber.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMappedPrefixBits = 96; // ::ffff:0:0/96 holds IPv4

IpAddress withoutHostBits(const IpAddress &address, int prefixBits)
{
    sockaddr_in6 masked{};
    masked.sin6_family = AF_INET6;
    for (int i = 0; i < 16; ++i) {
        const int bits = std::clamp(prefixBits - i * 8, 0, 8);
        masked.sin6_addr.s6_addr[i] = quint8(address.bytes()[size_t(i)] & (0xff << (8 - bits)));
    }
    sockaddr_storage storage{};
    std::memcpy(&storage, &masked, sizeof(masked));
    return IpAddress::fromSockaddr(storage);
}

} // namespace

bool Network::contains(const IpAddress &other) const
{
    for (int i = 0; i < 16 && i * 8 < prefixBits; ++i) {
        const int bits = std::min(prefixBits - i * 8, 8);
        const auto mask = quint8(0xff << (8 - bits));
        if ((address.bytes()[size_t(i)] & mask) != (other.bytes()[size_t(i)] & mask))
            return false;
    }
    return true;
}

Result<Network> parseNetwork(QStringView text)
{
    if (text == "unix"_L1)
        return Network{ IpAddress(), 128 };
    const Error invalid{ u"\"%1\" is not a network; use CIDR as in 10.0.0.0/8 or 2001:db8::/32"_s.arg(text.toString()),
        {} };
    const qsizetype slash = text.indexOf(u'/');
    const QStringView host = slash < 0 ? text : text.left(slash);
    const std::optional<IpAddress> address = IpAddress::parse(host.toUtf8());
    if (!address)
        return invalid;
    if (slash < 0)
        return Network{ *address, 128 };
    const bool isDotted = !host.contains(u':');
    const std::optional<int> bits = plainNumber(text.mid(slash + 1), isDotted ? 32 : 128);
    if (!bits)
        return invalid;
    const int prefixBits = isDotted ? kMappedPrefixBits + *bits : *bits;
    if (address->isIpv4() && prefixBits <= kMappedPrefixBits && !isDotted && !host.startsWith("::"_L1))
        return Error{
            u"\"%1\" holds every IPv4 address that comes through NAT64; write those that are meant, as in 203.0.113.0/24"_s
                .arg(text.toString()),
            {}
        };
    return Network{ withoutHostBits(*address, prefixBits), prefixBits };
}

} // namespace gatehouse
