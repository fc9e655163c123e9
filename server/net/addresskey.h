// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/base/keyedhash.h"
#include "server/net/ipaddress.h"

namespace gatehouse {

/// An address bucket in nine bytes: an IPv4 address, or the network half of an IPv6 address. A plain value.
struct AddressKey
{
    quint64 bits = 0;
    bool isIpv4 = false;

    [[nodiscard]] static AddressKey of(const IpAddress &address);
    /// The bucket, as of() took it.
    [[nodiscard]] IpAddress toAddress() const;
    [[nodiscard]] quint64 hash(const KeyedHash &hash) const { return hash(bits, isIpv4); }
    friend bool operator==(const AddressKey &, const AddressKey &) = default;
};

} // namespace gatehouse
