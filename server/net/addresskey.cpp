// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/addresskey.h"

#include <cstring>

#include <QtCore/QtEndian>

namespace gatehouse {

AddressKey AddressKey::of(const IpAddress &address)
{
    AddressKey key{ 0, address.isIpv4() };
    const std::array<quint8, 16> &bytes = address.bytes();
    if (key.isIpv4)
        std::memcpy(&key.bits, bytes.data() + 12, 4);
    else
        std::memcpy(&key.bits, bytes.data(), 8);
    return key;
}

IpAddress AddressKey::toAddress() const
{
    return isIpv4 ? IpAddress::fromIpv4(qFromBigEndian<quint32>(&bits)) : IpAddress::fromNetworkHalf(bits);
}

} // namespace gatehouse
