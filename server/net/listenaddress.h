// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/ipaddress.h"
#include "server/net/unixaccess.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Where to listen: an address and port, or a Unix-domain path. A plain value.
struct ListenAddress
{
    IpAddress address;
    quint16 port = 0;    ///< 0 picks a free one
    QString unixPath;    ///< not empty: listen there instead
    UnixAccess access{}; ///< of the socket at unixPath

    /// Every address of this machine, IPv4 and IPv6.
    [[nodiscard]] bool isEverywhere() const { return unixPath.isEmpty() && address.isUnspecified(); }
};

/// Reads "127.0.0.1:8080", "localhost:0", "[::1]:8080", ":8080" or "[::]:8080" (every address, IPv4 too), or
/// "unix:/run/gatehouse.sock". The error says what is wrong.
[[nodiscard]] Result<ListenAddress> parseListenAddress(QStringView text);

} // namespace gatehouse
