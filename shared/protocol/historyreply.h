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
    std::vector<double> mean; ///< of the seconds that were recorded
};

/// The answer of GET history. All series have one value per bucket; bucket i covers [from + i * step, from + (i + 1) *
/// step).
struct HistoryReply
{
    UtcTime from{};
    std::chrono::milliseconds step{};
    qsizetype bucketCount = 0;
    std::vector<HistorySeries> series;
    /// By bucket: how many seconds of it were recorded. The server may have come or gone within it, or it is the
    /// present one.
    std::vector<qint64> seconds;

    static constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

    /// What a rate comes to over a bucket; NaN in a gap.
    [[nodiscard]] double sum(const HistorySeries &one, qsizetype bucket) const
    {
        return one.mean[size_t(bucket)] * double(seconds[size_t(bucket)]);
    }

    /// {"from": "…", "to": "…", "step_ms": 10000, "seconds": [10, …],
    ///  "series": {"messages_in": {"min": […], "max": […], "mean": […]}, …}}
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<HistoryReply> fromJson(const QJsonObject &object);
};

} // namespace gatehouse
