// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>

#include "server/metrics/closelabels.h"
#include "shared/metrics/metricdescriptor.h"
#include "shared/protocol/reason.h"

namespace gatehouse {

/// What one worker counts. Written by its worker alone, with relaxed stores; read by the aggregator once a second.
/// Everything only grows but for the gauges. One cache line apart from its neighbours.
struct alignas(64) WorkerCounters
{
    using Counter = std::atomic<qint64>;

    Counter activeConnections{ 0 }; ///< gauge: open channel connections
    Counter accepted{ 0 };          ///< channel connections admitted
    Counter closed{ 0 };
    Counter closedMillis{ 0 }; ///< the sum of the lengths of the closed ones
    Counter messagesIn{ 0 };   ///< channel messages from clients, those over the limit included
    Counter messagesOut{ 0 };
    Counter errors{ 0 };                          ///< internal failures: store, sockets, protocol violations of ours
    Counter sendQueueBytes{ 0 };                  ///< gauge
    std::array<Counter, kReasonCount> refused{};  ///< enforced refusals by reason
    std::array<Counter, kReasonCount> observed{}; ///< what `observe` would have refused
    std::array<Counter, kCountedCloseCodes.size()>
        closedByClient{}; ///< by closeCodeIndex(); a lost connection counts here
    std::array<Counter, kCountedCloseCodes.size()> closedByServer{};

    /// For the owning worker: no locked instruction is needed with one writer.
    static void add(Counter &counter, qint64 amount = 1)
    {
        counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void countClose(CloseCode code, bool isByPeer)
    {
        add((isByPeer ? closedByClient : closedByServer)[closeCodeIndex(code)]);
    }
};

} // namespace gatehouse
