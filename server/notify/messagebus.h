// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "server/notify/delivery.h"

namespace gatehouse {

/// Brings what was published to the open connections: here, and in a cluster on every node. Main thread, where `done`
/// is called too.
class MessageBus
{
public:
    virtual ~MessageBus() = default;
    /// Each has been stored already, or is ephemeral (sequence 0). `done` gets how many connections of this server were
    /// reached.
    virtual void fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done) = 0;
};

} // namespace gatehouse
