// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// A stretch of time, [from, to).
struct TimeInterval
{
    UtcTime from{};
    UtcTime to{};
    friend bool operator==(const TimeInterval &, const TimeInterval &) = default;

    [[nodiscard]] std::chrono::milliseconds length() const { return to - from; }
    [[nodiscard]] bool contains(UtcTime time) const { return time >= from && time < to; }
};

/// What the charts show: the last so-and-so long, moving with the clock, or a fixed interval. A plain value.
class TimeRange final
{
public:
    enum class Preset : quint8
    {
        LastMinute,
        Last5Minutes,
        LastHour,
        Last6Hours,
        LastDay,
        LastWeek,
        LastMonth,
        Custom
    };
    static constexpr std::array kPresets{ Preset::LastMinute, Preset::Last5Minutes, Preset::LastHour,
        Preset::Last6Hours, Preset::LastDay, Preset::LastWeek, Preset::LastMonth };

    /// The last hour.
    TimeRange() = default;
    explicit TimeRange(Preset preset);
    /// A fixed interval, put in order and made at least ten seconds long.
    [[nodiscard]] static TimeRange custom(UtcTime from, UtcTime to);

    [[nodiscard]] Preset preset() const { return m_preset; }
    /// Moves with the clock.
    [[nodiscard]] bool isFollowing() const { return m_preset != Preset::Custom; }
    [[nodiscard]] TimeInterval at(UtcTime now) const;
    /// Whether SeriesBuffer, with its day at one second, can show it; else ask the server for history.
    [[nodiscard]] bool isInBuffer(UtcTime now) const;

    /// "1 h", "7 d", or "Custom", in the user's language.
    [[nodiscard]] QString title() const;
    /// The same in every language: "1h", or "custom".
    [[nodiscard]] QLatin1StringView name() const;

    friend bool operator==(const TimeRange &, const TimeRange &) = default;

private:
    Preset m_preset = Preset::LastHour;
    TimeInterval m_custom;
};

} // namespace gatehouse
