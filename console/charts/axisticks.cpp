// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/axisticks.h"

#include <cmath>

#include <QtCore/QDateTime>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kSecond = 1000;
constexpr qint64 kMinute = 60 * kSecond;
constexpr qint64 kHour = 60 * kMinute;
constexpr qint64 kDay = 24 * kHour;
constexpr qint64 kTimeSteps[] = { kSecond, 2 * kSecond, 5 * kSecond, 10 * kSecond, 15 * kSecond, 30 * kSecond, kMinute,
    2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute, kHour, 2 * kHour, 3 * kHour, 6 * kHour,
    12 * kHour, kDay, 2 * kDay, 7 * kDay, 14 * kDay, 28 * kDay };

double niceStep(double rough)
{
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : { 1.0, 2.0, 2.5, 5.0, 10.0 }) {
        // A quarter of ten is round, a quarter of one is not: counts have no halves.
        if (factor == 2.5 && power < 10)
            continue;
        if (factor * power >= rough * 0.999999)
            return factor * power;
    }
    return 10 * power;
}

QString timeLabel(const QDateTime &local, qint64 step, const QLocale &locale)
{
    if (step >= kDay || local.time() == QTime(0, 0))
        return locale.toString(local.date(), u"d MMM"_s);
    return local.toString(step < kMinute ? u"HH:mm:ss"_s : u"HH:mm"_s);
}

} // namespace

ValueScale niceScale(double maximum, int maxIntervals, const QLocale &locale)
{
    if (!std::isfinite(maximum) || maximum <= 0)
        maximum = 1;
    const double step = std::max(niceStep(maximum / std::max(maxIntervals, 1)), maximum <= 1 ? 0.5 : 1.0);
    ValueScale scale;
    const int count = int(std::ceil(maximum / step - 1e-9));
    scale.maximum = step * count;
    for (int i = 0; i <= count; ++i)
        scale.ticks.push_back({ step * i, shortNumber(step * i, locale) });
    return scale;
}

std::vector<AxisTick> timeTicks(UtcTime from, UtcTime to, UtcTime now, int maxCount, const QLocale &locale)
{
    const qint64 first = toEpochMillis(from);
    const qint64 last = toEpochMillis(to);
    std::vector<AxisTick> ticks;
    if (last <= first || maxCount < 1)
        return ticks;
    qint64 step = kTimeSteps[std::size(kTimeSteps) - 1];
    for (const qint64 candidate : kTimeSteps) {
        if ((last - first) / candidate <= maxCount) {
            step = candidate;
            break;
        }
    }
    // Multiples are counted on the local clock, so that ticks are at round local times in every zone.
    const qint64 offset = QDateTime::fromMSecsSinceEpoch(first).offsetFromUtc() * kSecond;
    for (qint64 at = (first + offset + step - 1) / step * step - offset; at <= last; at += step) {
        const QDateTime local = QDateTime::fromMSecsSinceEpoch(at);
        QString label = timeLabel(local, step, locale);
        const bool isOfToday = local.date() == QDateTime::fromMSecsSinceEpoch(toEpochMillis(now)).date();
        if (ticks.empty() && !isOfToday && step < kDay && local.time() != QTime(0, 0))
            label.prepend(locale.toString(local.date(), u"d MMM"_s) + u' ');
        ticks.push_back({ double(at), label });
    }
    return ticks;
}

QString shortNumber(double value, const QLocale &locale)
{
    if (!std::isfinite(value))
        return u"–"_s;
    for (int decimals = 0; decimals < 2; ++decimals) {
        const double scaled = value * std::pow(10.0, decimals);
        if (std::abs(scaled - std::round(scaled)) < 1e-6)
            return locale.toString(value, 'f', decimals);
    }
    return locale.toString(value, 'f', std::abs(value) < 10 ? 2 : (std::abs(value) < 1000 ? 1 : 0));
}

QString localTimeText(UtcTime time, UtcTime now, const QLocale &locale)
{
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(toEpochMillis(time));
    const QString clock = local.toString(u"HH:mm:ss"_s);
    const bool isRecent = now - time < std::chrono::hours(24) && time - now < std::chrono::hours(24);
    return isRecent ? clock : locale.toString(local.date(), u"d MMM"_s) + u' ' + clock;
}

} // namespace gatehouse
