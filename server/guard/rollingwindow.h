// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <vector>

#include <QtCore/QtGlobal>

#include "shared/util/clock.h"

namespace gatehouse {

/// Counts events in a rolling window: never fewer than there were in any window of that length. The first kExactRuns events are remembered
/// exactly; beyond them, events within 1 % of the window share one entry that expires with its latest, so that an event may be counted up to 1 %
/// of the window longer, and memory stays bounded at about 120 entries whatever the limit. Empty until the first event. Pure.
class RollingWindow final
{
public:
    static constexpr size_t kExactRuns = 16;

    explicit RollingWindow(std::chrono::milliseconds length)
        : m_length(length)
    {
    }

    /// How many events are in the window that ends now.
    [[nodiscard]] qint64 count(MonoTime now);
    void add(MonoTime now);
    /// Takes the latest event back.
    void removeLatest();
    /// How long until fewer than `limit` events are in the window; zero if it is so now.
    [[nodiscard]] std::chrono::milliseconds waitUntilBelow(qint64 limit, MonoTime now);
    /// Whether nothing is in the window, so that the object carries no information.
    [[nodiscard]] bool isEmpty(MonoTime now) { return count(now) == 0; }

private:
    struct Run
    {
        MonoTime latest;
        qint64 events;
    };
    std::chrono::milliseconds m_length;
    std::vector<Run> m_runs; ///< oldest first
    qint64 m_count = 0; ///< the sum over m_runs
};

} // namespace gatehouse
