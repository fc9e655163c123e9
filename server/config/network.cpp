// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/network.h"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMappedPrefix = 96; // ::ffff:0:0/96 holds IPv4

/// A decimal number without sign or blanks; -1 for everything else.
int plainNumber(QStringView text, int maximum)
{
    bool isNumber = !text.isEmpty() && text.size() <= 5;
    for (const QChar c : text)
        isNumber = isNumber && c >= u'0' && c <= u'9';
    const int number = isNumber ? text.toInt() : -1;
    return number <= maximum ? number : -1;
}

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

Result<ListenAddress> unixListen(QStringView path)
{
    constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
    if (!path.startsWith(u'/'))
        return Error{ u"the path after unix: must be absolute"_s, {} };
    if (size_t(path.toLocal8Bit().size()) > kLongestPath)
        return Error{ u"the path after unix: is longer than %1 bytes"_s.arg(kLongestPath), {} };
    ListenAddress listen;
    listen.unixPath = path.toString();
    return listen;
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
    const int bits = plainNumber(text.mid(slash + 1), isDotted ? 32 : 128);
    if (bits < 0)
        return invalid;
    const int prefixBits = isDotted ? kMappedPrefix + bits : bits;
    return Network{ withoutHostBits(*address, prefixBits), prefixBits };
}

Result<ListenAddress> parseListenAddress(QStringView text)
{
    if (text.startsWith("unix:"_L1))
        return unixListen(text.mid(5));
    const Error invalid{
        u"\"%1\" is not an address to listen on; use 127.0.0.1:8080, [::1]:8080, :8080 or unix:/path"_s.arg(
            text.toString()),
        {}
    };
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon < 0)
        return invalid;
    const int port = plainNumber(text.mid(colon + 1), 65535);
    if (port < 0)
        return invalid;
    QStringView host = text.left(colon);
    ListenAddress listen{ IpAddress(), quint16(port), {} };
    if (host.isEmpty())
        return listen;
    const bool isBracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (isBracketed)
        host = host.mid(1).chopped(1);
    if (isBracketed != host.contains(u':'))
        return invalid;
    if (host == "localhost"_L1)
        host = u"127.0.0.1";
    const std::optional<IpAddress> address = IpAddress::parse(host.toUtf8());
    if (!address)
        return invalid;
    listen.address = *address;
    return listen;
}

} // namespace gatehouse
