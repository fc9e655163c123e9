// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/base/eventthread.h"
#include "server/cluster/admission/clusterlimits.h"
#include "server/cluster/admission/clustertickets.h"
#include "server/redis/redislink.h"

namespace gatehouse {

/// What the guards of a node have in common with those of the others: limits and tickets. Works on the thread of its
/// link, and may be called until after that has ended: workers give back what they hold last of all. Says in the log
/// when a node begins and ceases to judge alone. Lives on the main thread.
class ClusterAdmission final
{
public:
    /// `link` lives on `thread`, and has not connected yet. `clock` and `log` outlive it; it outlives the thread.
    ClusterAdmission(const NodeIdentity &node, const AdmissionTerms &terms, RedisLink &link, EventThread &thread,
        const Clock &clock, Log &log);
    ~ClusterAdmission();
    Q_DISABLE_COPY_MOVE(ClusterAdmission)

    [[nodiscard]] ClusterLimits &limits() { return m_limits; }
    [[nodiscard]] const ClusterLimits &limits() const { return m_limits; }
    [[nodiscard]] PeerTickets &tickets() { return m_tickets; }

private:
    ClusterLimits m_limits;
    ClusterTickets m_tickets;
};

} // namespace gatehouse
