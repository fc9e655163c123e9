// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/clicontext.h"
#include "server/config/settings.h"

namespace gatehouse {

/// What the running server has seen of the proxies in TRUSTED_PROXIES, which no setting says: whether one of them does
/// not tell whose its pages are. Asks it at ADMIN_LISTEN, or at LISTEN, with a token of a minute, and waits some
/// seconds at most. The line to print; nullopt if all is well, or no server is there.
[[nodiscard]] std::optional<QString> forwardingDoubt(const CliContext &context, const Settings &settings);

} // namespace gatehouse
