// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include "server/auth/identity.h"
#include "server/net/httpmessage.h"
#include "shared/protocol/nodesreply.h"

namespace gatehouse {

/// A request of the admin API that one node asks another to answer. Whoever sent it was authenticated where it came in.
/// A plain value.
struct PeerRequest
{
    HttpRequest http; ///< method, path, query and client; nothing else of it crosses
    Identity who;     ///< user and role
};

/// The other nodes of the cluster, as the admin API asks them. Main thread.
class PeerNodes
{
public:
    /// nullopt: no answer in time.
    using Done = std::function<void(const std::optional<HttpResponse> &)>;

    virtual ~PeerNodes() = default;
    /// `done` is called once, on the main thread, maybe at once.
    virtual void ask(const NodeInfo &node, const PeerRequest &request, Done done) = 0;
};

} // namespace gatehouse
