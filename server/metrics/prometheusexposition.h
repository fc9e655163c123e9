// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArray>

#include "server/base/latencyhistogram.h"
#include "server/metrics/clusterstats.h"
#include "server/metrics/countersums.h"
#include "server/metrics/ingeststats.h"
#include "server/metrics/memorystats.h"
#include "server/net/netcounts.h"
#include "shared/limits/limitset.h"

namespace gatehouse {

/// What the Prometheus text is made of. A plain value.
struct PrometheusInput
{
    CounterSums sums;
    qint64 trackedAddresses = 0;
    qint64 published = 0;
    qint64 storeFailures = 0;
    LimitSet limits{}; ///< in force
    const LatencyHistogram &publishTimes;
    const LatencyHistogram &fanoutTimes;
    const LatencyHistogram &storeWriteTimes;
    std::optional<ClusterStats> cluster{}; ///< with REDIS_URL
    std::optional<IngestStats> ingest{};   ///< with INGEST_REDIS_URL
    qint64 refusalsNotLogged = 0;
    qint64 refusalsNotStored = 0;
    qint64 refusalsNotKept = 0; ///< not even in memory
    MemoryStats memory{};
    NetCounts net{};
};

/// The process's own numbers, as /proc tells them. A plain value; zeros where /proc cannot be read.
struct ProcessStats
{
    double cpuSeconds = 0;
    double residentBytes = 0;
    double virtualBytes = 0;
    double startTimeSeconds = 0; ///< since the epoch
    double openFds = 0;
    double maxFds = 0;
};
[[nodiscard]] ProcessStats readProcessStats();

inline constexpr char kPrometheusContentType[] = "text/plain; version=0.0.4; charset=utf-8";

/// The answer of GET /metrics. No address, user or token is in any label. Any thread.
[[nodiscard]] QByteArray prometheusText(const PrometheusInput &input, const ProcessStats &process);

} // namespace gatehouse
