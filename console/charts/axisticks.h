// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QLocale>
#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// One labelled place on an axis; `position` is a value, or milliseconds since the epoch on a time axis.
struct AxisTick
{
    double position;
    QString label;
};

/// An axis from 0 to a round number: 1, 2, 2.5 or 5 times a power of ten apart, never fractions of a whole below 1.
struct ValueScale
{
    double maximum = 1;
    std::vector<AxisTick> ticks;
};

/// A scale that has `maximum` below its top, with at most `maxIntervals` intervals. Bad numbers give the scale of 1.
[[nodiscard]] ValueScale niceScale(double maximum, int maxIntervals, const QLocale &locale);
/// Ticks at round local times from `from` to `to`, at most `maxCount`; the form of the label follows their distance.
/// Where the range begins on another day than `now` is, the first one tells its date too.
[[nodiscard]] std::vector<AxisTick> timeTicks(
    UtcTime from, UtcTime to, UtcTime now, int maxCount, const QLocale &locale);

/// "4,812", "1.5", "0.25": as few decimals as a number needs, at most two.
[[nodiscard]] QString shortNumber(double value, const QLocale &locale);
/// The local time of day, with the date when it is not within the day before `now`.
[[nodiscard]] QString localTimeText(UtcTime time, UtcTime now, const QLocale &locale);

} // namespace gatehouse
