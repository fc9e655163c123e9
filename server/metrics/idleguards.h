// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QString>

#include "server/metrics/dayrecord.h"

namespace gatehouse {

/// For how long no guard has refused anybody. A single guard may well have nothing to do in a small and honest
/// installation: a limit that nobody reaches is as it should be. But where thousands come each day, one of them has a
/// token that has expired, or comes from a page elsewhere; where all guards together refuse nobody for weeks, something
/// may keep them from seeing who comes. Days with few clients say nothing, and neither does the time before the first
/// day that is known. Lives on the main thread.
class IdleGuards final
{
public:
    /// So many were let in on each day of that time, on average; with fewer it is no wonder.
    static constexpr qint64 kClientsADay = 3'000;

    /// What was before today, oldest first: once, at the start.
    void remember(const std::vector<DayRecord> &days);
    /// How today is now; to be called about once a second.
    void observe(const DayRecord &today);

    /// 0 where nothing can be said.
    [[nodiscard]] double days(UtcTime now) const;
    /// What an operator is to look at; empty where days() is 0.
    [[nodiscard]] QString sentence(UtcTime now) const;

private:
    void add(const DayRecord &day);
    [[nodiscard]] UtcTime since() const;
    [[nodiscard]] qint64 clients() const;

    UtcTime m_since{}; ///< of the days before today; none if m_clients is 0
    qint64 m_clients = 0;
    DayRecord m_today;
};

} // namespace gatehouse
