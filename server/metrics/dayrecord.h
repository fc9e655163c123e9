// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include <QtCore/QDate>
#include <QtCore/QJsonObject>
#include <QtCore/QTimeZone>

#include "shared/metrics/metricdescriptor.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// What one local day has counted so far: what the daily totals and the weekly summary are made of, and what a restart
/// must not lose. A plain value.
struct DayRecord
{
    QDate day;                                 ///< in TIME_ZONE
    UtcTime begin{};                           ///< its first instant
    UtcTime end{};                             ///< the first instant of the next day: 23 to 25 hours later
    std::array<qint64, kMetricCount> counts{}; ///< sums of the rates; zero for gauges
    qint64 closedMillis = 0;                   ///< the sum of the lengths of the connections closed
    qint64 peakConnections = 0;

    [[nodiscard]] qint64 operator[](Metric metric) const { return counts[size_t(metric)]; }
    qint64 &operator[](Metric metric) { return counts[size_t(metric)]; }
    /// Mean length in seconds of the connections closed that day, to two decimals; 0.0 if there were none.
    [[nodiscard]] double averageDurationSeconds() const;

    /// The empty record of the day that an instant falls into.
    [[nodiscard]] static DayRecord dayOf(UtcTime now, const QTimeZone &zone);

    /// Counts by metric name, so that a state directory survives a change of version.
    [[nodiscard]] QJsonObject countsToJson() const;
    void countsFromJson(const QJsonObject &object);

    friend bool operator==(const DayRecord &, const DayRecord &) = default;
};

} // namespace gatehouse
