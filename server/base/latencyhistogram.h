// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <chrono>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// Counts durations by size, for a Prometheus histogram. Any thread may add.
class LatencyHistogram final
{
public:
    /// Upper bounds in seconds; what is longer than the last is counted in the total alone.
    static constexpr std::array kBounds{ 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
        2.5 };

    void add(std::chrono::nanoseconds duration)
    {
        const double seconds = std::chrono::duration<double>(duration).count();
        for (size_t i = 0; i < kBounds.size(); ++i) {
            if (seconds <= kBounds[i]) {
                m_buckets[i].fetch_add(1, std::memory_order_relaxed);
                break;
            }
        }
        m_count.fetch_add(1, std::memory_order_relaxed);
        m_nanoseconds.fetch_add(duration.count(), std::memory_order_relaxed);
    }

    [[nodiscard]] qint64 bucket(size_t i) const { return m_buckets[i].load(std::memory_order_relaxed); }
    [[nodiscard]] qint64 count() const { return m_count.load(std::memory_order_relaxed); }
    [[nodiscard]] double sumSeconds() const { return double(m_nanoseconds.load(std::memory_order_relaxed)) / 1e9; }

private:
    std::array<std::atomic<qint64>, kBounds.size()> m_buckets{};
    std::atomic<qint64> m_count{ 0 };
    std::atomic<qint64> m_nanoseconds{ 0 };
};

} // namespace gatehouse
