// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/net/listensocket.h"

namespace gatehouse {

/// The listening sockets that systemd, or whoever speaks its protocol (sd_listen_fds(3)), opened and passed on: they
/// stay open while the server is restarted, so that who connects meanwhile waits in their backlog and is not refused.
struct InheritedSockets
{
    std::unique_ptr<ListenSocket> clients; ///< in place of LISTEN; null if none was passed on
    std::unique_ptr<ListenSocket> admin;   ///< in place of ADMIN_LISTEN: the one that is named "admin"

    /// Takes over what the environment names, and removes the variables, so that no child takes the sockets for its
    /// own. The error names the descriptor and what is wrong with it. Once, before any thread is started.
    [[nodiscard]] static Result<InheritedSockets> take();
};

} // namespace gatehouse
