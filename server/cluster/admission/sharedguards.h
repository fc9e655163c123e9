// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cluster/admission/clusterlimits.h"
#include "server/cluster/admission/clustertickets.h"
#include "server/cluster/cluster.h"

namespace gatehouse {

/// What the guards of a node share with those of the others: limits and tickets. Works on the guard thread of its
/// Cluster, and may be called until after that has ended: workers give back what they hold last of all. Says in the log
/// when a node begins and ceases to judge alone. Lives on the main thread.
class SharedGuards final
{
public:
    /// Before cluster.start(). `clock` and `log` outlive it; it outlives the cluster's threads.
    SharedGuards(Cluster &cluster, const Clock &clock, Log &log);
    ~SharedGuards();
    Q_DISABLE_COPY_MOVE(SharedGuards)

    [[nodiscard]] ClusterLimits &limits() { return m_limits; }
    [[nodiscard]] SharedTickets &tickets() { return m_tickets; }

private:
    ClusterLimits m_limits;
    ClusterTickets m_tickets;
};

} // namespace gatehouse
