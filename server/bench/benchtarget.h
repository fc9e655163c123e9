// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QUrl>

#include <sys/socket.h>

#include "shared/util/result.h"

namespace gatehouse::bench {

/// Where the server is, ready for connect(2). A plain value.
struct Target
{
    sockaddr_storage address{};
    socklen_t addressBytes = 0;
    QByteArray host; ///< for the Host header, with the port
    QString text;    ///< for people: "http://127.0.0.1:8080"
    bool isIpv4 = true;
    bool isLoopback = false;
};

/// Resolves a URL (http or ws, with or without port). Names other than localhost are looked up, which may block.
[[nodiscard]] Result<Target> resolveTarget(const QUrl &url);

/// Whether an address belongs to this machine alone: 127.0.0.0/8, ::1, or 127.0.0.0/8 in its IPv6 form.
[[nodiscard]] bool isLoopbackAddress(const sockaddr_storage &address);

inline constexpr int kMostSourceAddresses = 60'000;
/// The address that client `number` (from 0) of a bench with `count` source addresses comes from: 127.1.0.1, 127.1.0.2,
/// … in turn, in host order.
[[nodiscard]] quint32 sourceAddress(int number, int count);

} // namespace gatehouse::bench
