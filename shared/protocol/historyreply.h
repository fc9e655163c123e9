// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <vector>

#include <QtCore/QJsonObject>

#include "shared/metrics/metricdescriptor.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

/// One metric in buckets. NaN where nothing was recorded: a gap is a gap, never a zero.
struct HistorySeries
{
    Metric metric;
    std::vector<double> minimum;
    std::vector<double> maximum;
    std::vector<double> mean; ///< of the seconds in the bucket; times `step` in seconds it is the sum
};

/// The answer of GET history. All series have one value per bucket; bucket i covers [from + i * step, from + (i + 1) *
/// step).
struct HistoryReply
{
    UtcTime from{};
    std::chrono::milliseconds step{};
    qsizetype bucketCount = 0;
    std::vector<HistorySeries> series;

    static constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

    /// {"from": "…", "to": "…", "step_ms": 10000, "series": {"messages_in": {"min": […], "max": […], "mean": […]}, …}}
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<HistoryReply> fromJson(const QJsonObject &object);
};

} // namespace gatehouse
