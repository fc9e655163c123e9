// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>

#include <QtCore/QtGlobal>

namespace gatehouse::bench {

/// Durations, counted in buckets that are at most 1/64 wide, so that a run of any length takes the same 30 KB. A plain
/// value.
class Latencies final
{
public:
    void add(std::chrono::nanoseconds duration);
    [[nodiscard]] qint64 count() const { return m_count; }
    /// The duration that `percent` of all did not exceed (nearest rank), at most 1/64 too long; zero if there are none.
    [[nodiscard]] std::chrono::nanoseconds percentile(double percent) const;
    [[nodiscard]] std::chrono::nanoseconds longest() const { return m_longest; }

private:
    std::array<qint64, 64 * 59> m_buckets{};
    qint64 m_count = 0;
    std::chrono::nanoseconds m_longest{};
};

} // namespace gatehouse::bench
