// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include "server/base/latencyhistogram.h"
#include "shared/protocol/nodesreply.h"

namespace gatehouse {

/// What a node counts of its part in a cluster, for /metrics and /readyz. A plain value, but for the histogram.
struct ClusterStats
{
    bool isRedisUp = false;
    bool asksPeers = false;                           ///< false: this node judges alone
    std::array<qint64, kNodeStates.size()> nodes{};   ///< how many are in each state, by its number; this one included
    const LatencyHistogram *admissionTimes = nullptr; ///< from the question to the verdict, also one without an answer
    qint64 unansweredAdmissions = 0;
    qint64 streamEntries = 0;  ///< read, whoever published them
    qint64 refusedEntries = 0; ///< of these, because they are not what a node writes
    qint64 streamGaps = 0;     ///< times that entries had been trimmed before they were read
    qint64 streamBehind = 0;   ///< published and not handed out here yet
    qint64 ingested = 0;       ///< what backends appended and this node published
    qint64 refusedIngests = 0;
    qint64 refusedMessages = 0; ///< of pub/sub
};

} // namespace gatehouse
