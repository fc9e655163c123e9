// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/net/network.h"

namespace gatehouse {

[[nodiscard]] bool isTrusted(const IpAddress &peer, const std::vector<Network> &trustedProxies);

/// Who a request is from: the peer itself, unless the peer is a trusted proxy; then the rightmost address of
/// X-Forwarded-For that is not a trusted proxy itself. Ports and brackets are understood; at anything that is no
/// address the walk ends with the last good hop, so that nobody can choose an address by sending garbage. Pure.
[[nodiscard]] IpAddress clientAddress(
    const IpAddress &peer, const QByteArray &forwardedFor, const std::vector<Network> &trustedProxies);

} // namespace gatehouse
