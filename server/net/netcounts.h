// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/httpplaces.h"
#include "server/net/malformedrequests.h"
#include "server/net/unforwardedclients.h"

namespace gatehouse {

/// What the listeners and the loops of all workers have met since the start, and how they are now. A plain value.
struct NetCounts
{
    HttpPlaces::Counts places{};
    qint64 acceptFailures = 0;
    qint64 turnedAway = 0;                      ///< newcomers who were closed at once: no descriptor was left
    qint64 blockedTimes = 0;                    ///< how often a worker did not turn for a second or longer
    std::chrono::milliseconds blockedTime{ 0 }; ///< for how long in all
    std::chrono::milliseconds blockedFor{ 0 };  ///< now, the one that has been for longest
    MalformedRequests::Counts malformed{};
    UnforwardedClients::Seen unforwarded{};

    /// Connections that were closed because descriptors ran short, their own or another's.
    [[nodiscard]] qint64 closedForDescriptors() const
    {
        return turnedAway + places.lost[size_t(HttpPlaces::Why::Descriptors)];
    }
};

} // namespace gatehouse
