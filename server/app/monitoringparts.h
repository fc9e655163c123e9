// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/livefeed.h"
#include "server/admin/monitoringcycle.h"
#include "server/app/controlplane.h"
#include "server/app/memorygovernor.h"
#include "server/app/neighbours.h"
#include "server/app/netreport.h"
#include "server/channel/workerpool.h"
#include "server/guard/decisionarchive.h"
#include "server/notify/publisher.h"

namespace gatehouse {

/// What is remembered of decisions and metrics: there before the first of them. Lives on the main thread.
struct Records
{
    /// Loads the history, waiting for the store. Store, clock and log outlive it.
    Records(const Settings &settings, StoreThread &store, const Clock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(Records)

    DecisionArchive decisionArchive;
    DecisionLog decisions;
    MetricsArchive metricsArchive;
    History history;
};

/// What counts once a second what the server does, watches it, and tells the consoles. Lives on the main thread.
struct MonitoringParts
{
    /// What it watches. All outlives it.
    struct Watched
    {
        WorkerPool &workers;
        Publisher &publisher;
        AddressTable &addresses;
        AttemptTable &strangers;
        StoreThread &store;
        ControlPlane &control;
        Neighbours &neighbours;
        const MemoryGovernor &memory;
        const LoopCommons &commons;
        std::function<const std::vector<JwtKey> &()> keys; ///< that tokens are verified with
    };
    MonitoringParts(const Settings &settings, const Watched &watched, Records &records, const Clock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(MonitoringParts)

    Aggregator aggregator;
    MonitoringView &view; ///< of this server, or of all nodes
    LiveFeed feed;
    MonitoringCycle cycle;
    NetReport netReport;
};

} // namespace gatehouse
