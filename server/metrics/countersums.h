// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "server/metrics/counters.h"

namespace gatehouse {

/// The counters of all workers added up at one moment. A plain value.
struct CounterSums
{
    qint64 activeConnections = 0;
    qint64 accepted = 0;
    qint64 closed = 0;
    qint64 closedMillis = 0;
    qint64 messagesIn = 0;
    qint64 messagesOut = 0;
    qint64 errors = 0;
    qint64 sendQueueBytes = 0;
    std::array<qint64, kReasonCount> refused{};
    std::array<qint64, kReasonCount> observed{};
    std::array<qint64, kCountedCloseCodes.size()> closedByClient{};
    std::array<qint64, kCountedCloseCodes.size()> closedByServer{};
};

/// Adds up what the workers have counted. Any thread; each counter is read once, so the sums are not of exactly one
/// instant.
[[nodiscard]] CounterSums sumCounters(const std::vector<const WorkerCounters *> &workers);

} // namespace gatehouse
