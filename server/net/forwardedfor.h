// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/net/network.h"

namespace gatehouse {

[[nodiscard]] bool isTrusted(const IpAddress &peer, const std::vector<Network> &trustedProxies);

/// What became of X-Forwarded-For.
enum class Forwarded : quint8
{
    NotAsked, ///< the peer is no proxy that is trusted
    Used,
    Missing,
    Unusable, ///< what should be the client's address is none
};
/// Who a request is from. Where a proxy has not said, or not so that it can be read, it is the proxy itself.
struct ForwardedClient
{
    IpAddress address;
    Forwarded forwarded = Forwarded::NotAsked;
};

/// The peer itself, unless the peer is a trusted proxy; then the rightmost address of X-Forwarded-For that is not a
/// trusted proxy itself. Ports and brackets are understood; at anything that is no address the walk ends with the last
/// good hop, so that nobody can choose an address by sending garbage. Pure.
[[nodiscard]] ForwardedClient clientAddress(
    const IpAddress &peer, const QByteArray &forwardedFor, const std::vector<Network> &trustedProxies);

} // namespace gatehouse
