// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "server/bench/benchclient.h"
#include "server/bench/fleet.h"
#include "shared/util/result.h"

namespace gatehouse::bench {

/// Told what became of a publish. Calls come from within EventLoop::run() or publish().
class PublishObserver
{
public:
    virtual ~PublishObserver() = default;
    /// `status` is the HTTP status of the answer; 0: the connection was lost; 202 for a server that does not answer.
    virtual void published(int slot, int status) = 0;
};

/// One publisher that has at most one publish under way.
class Publisher
{
public:
    virtual ~Publisher() = default;
    [[nodiscard]] virtual Status open() = 0;
    /// `marked` is what the listeners' messages must contain.
    virtual void publish(QByteArrayView marked) = 0;
};

/// One publisher for each publish that may be in flight, as the plan says: by POST over connections that stay open, or
/// over a WebSocket. Loop, plan and observer outlive them.
[[nodiscard]] std::vector<std::unique_ptr<Publisher>> makePublishers(
    EventLoop &loop, const BenchPlan &plan, PublishObserver &observer);

/// What Gatehouse is asked to publish: a notification to all whose body is `marked` and filling up to the plan's size.
/// Pure.
[[nodiscard]] QByteArray notificationBody(const BenchPlan &plan, QByteArrayView marked);

} // namespace gatehouse::bench
