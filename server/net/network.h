// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/ipaddress.h"
#include "shared/util/result.h"

namespace gatehouse {

/// A network in CIDR form. A plain value.
struct Network
{
    IpAddress address;
    int prefixBits = 128; ///< of the 128-bit form: an IPv4 /24 is 120
    [[nodiscard]] bool contains(const IpAddress &other) const;
};

/// Reads "10.0.0.0/8", "2001:db8::/32", a bare address (that host alone), or "unix" (peers on a Unix-domain listener).
/// Host bits are cleared.
[[nodiscard]] Result<Network> parseNetwork(QStringView text);

} // namespace gatehouse
