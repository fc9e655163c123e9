// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/descriptoruse.h"
#include "server/net/loopwatch.h"
#include "server/net/netcounts.h"

namespace gatehouse {

/// What the connections of all workers are bounded and counted by together. One for the process, outlives the workers;
/// thread-safe.
struct LoopCommons
{
    /// `descriptorLimit` is how many the process may have open.
    explicit LoopCommons(qint64 descriptorLimit)
        : descriptors(descriptorLimit)
    {
    }
    Q_DISABLE_COPY_MOVE(LoopCommons)

    DescriptorUse descriptors;
    HttpPlaces places;
    LoopWatch watch;
    MalformedRequests malformed;
    UnforwardedClients unforwarded;
    std::atomic<bool> isEnding{ false }; ///< the server ends: nobody keeps a connection for another request
    std::atomic<qint64> acceptFailures{ 0 };
    std::atomic<qint64> turnedAway{ 0 };

    [[nodiscard]] NetCounts counts(MonoTime now) const
    {
        return { places.counts(), acceptFailures.load(std::memory_order_relaxed),
            turnedAway.load(std::memory_order_relaxed), watch.blockedTimes(), watch.blockedTime(),
            watch.blockedFor(now), malformed.counts(), unforwarded.seen() };
    }
};

} // namespace gatehouse
