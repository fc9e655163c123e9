// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/settings.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Reads "10.0.0.0/8", "2001:db8::/32", a bare address (that host alone), or "unix" (peers on a Unix-domain listener).
/// Host bits are cleared.
[[nodiscard]] Result<Network> parseNetwork(QStringView text);
/// Reads "127.0.0.1:8080", "localhost:0", "[::1]:8080", ":8080" (every address) or "unix:/run/gatehouse.sock".
[[nodiscard]] Result<ListenAddress> parseListenAddress(QStringView text);

} // namespace gatehouse
