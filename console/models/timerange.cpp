// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/timerange.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "console/models/seriesbuffer.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kShortest = 10s;

std::chrono::milliseconds presetLength(TimeRange::Preset preset)
{
    switch (preset) {
    case TimeRange::Preset::LastMinute:
        return 1min;
    case TimeRange::Preset::Last5Minutes:
        return 5min;
    case TimeRange::Preset::Last6Hours:
        return 6h;
    case TimeRange::Preset::LastDay:
        return 24h;
    case TimeRange::Preset::LastWeek:
        return 24h * 7;
    case TimeRange::Preset::LastMonth:
        return 24h * 30;
    case TimeRange::Preset::LastHour:
    case TimeRange::Preset::Custom:
        break;
    }
    return 1h;
}

} // namespace

TimeRange::TimeRange(Preset preset)
    : m_preset(preset == Preset::Custom ? Preset::LastHour : preset)
{
}

TimeRange TimeRange::custom(UtcTime from, UtcTime to)
{
    if (to < from)
        std::swap(from, to);
    if (to - from < kShortest) {
        const UtcTime middle = from + (to - from) / 2;
        from = middle - kShortest / 2;
        to = middle + kShortest / 2;
    }
    TimeRange range;
    range.m_preset = Preset::Custom;
    range.m_custom = { from, to };
    return range;
}

TimeInterval TimeRange::at(UtcTime now) const
{
    return isFollowing() ? TimeInterval{ now - presetLength(m_preset), now } : m_custom;
}

bool TimeRange::isInBuffer(UtcTime now) const
{
    return at(now).from >= now - std::chrono::seconds(SeriesBuffer::kCapacitySeconds);
}

QString TimeRange::title() const
{
    switch (m_preset) {
    case Preset::LastMinute:
        return QCoreApplication::translate("gatehouse::TimeRange", "1 min");
    case Preset::Last5Minutes:
        return QCoreApplication::translate("gatehouse::TimeRange", "5 min");
    case Preset::LastHour:
        return QCoreApplication::translate("gatehouse::TimeRange", "1 h");
    case Preset::Last6Hours:
        return QCoreApplication::translate("gatehouse::TimeRange", "6 h");
    case Preset::LastDay:
        return QCoreApplication::translate("gatehouse::TimeRange", "24 h");
    case Preset::LastWeek:
        return QCoreApplication::translate("gatehouse::TimeRange", "7 d");
    case Preset::LastMonth:
        return QCoreApplication::translate("gatehouse::TimeRange", "30 d");
    case Preset::Custom:
        break;
    }
    return QCoreApplication::translate("gatehouse::TimeRange", "Custom");
}

QLatin1StringView TimeRange::name() const
{
    switch (m_preset) {
    case Preset::LastMinute:
        return "1m"_L1;
    case Preset::Last5Minutes:
        return "5m"_L1;
    case Preset::LastHour:
        return "1h"_L1;
    case Preset::Last6Hours:
        return "6h"_L1;
    case Preset::LastDay:
        return "24h"_L1;
    case Preset::LastWeek:
        return "7d"_L1;
    case Preset::LastMonth:
        return "30d"_L1;
    case Preset::Custom:
        break;
    }
    return "custom"_L1;
}

} // namespace gatehouse
