// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/countersums.h"

namespace gatehouse {

namespace {

qint64 read(const WorkerCounters::Counter &counter)
{
    return counter.load(std::memory_order_relaxed);
}

} // namespace

CounterSums sumCounters(const std::vector<const WorkerCounters *> &workers)
{
    CounterSums sums;
    for (const WorkerCounters *worker : workers) {
        sums.activeConnections += read(worker->activeConnections);
        sums.accepted += read(worker->accepted);
        sums.closed += read(worker->closed);
        sums.closedMillis += read(worker->closedMillis);
        sums.messagesIn += read(worker->messagesIn);
        sums.messagesOut += read(worker->messagesOut);
        sums.errors += read(worker->errors);
        sums.sendQueueBytes += read(worker->sendQueueBytes);
        for (size_t i = 0; i < kReasonCount; ++i) {
            sums.refused[i] += read(worker->refused[i]);
            sums.observed[i] += read(worker->observed[i]);
        }
        for (size_t i = 0; i < kCountedCloseCodes.size(); ++i) {
            sums.closedByClient[i] += read(worker->closedByClient[i]);
            sums.closedByServer[i] += read(worker->closedByServer[i]);
        }
    }
    return sums;
}

} // namespace gatehouse
