// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QByteArray>

#include "shared/metrics/metricsframe.h"

namespace gatehouse {

/// What one bucket of a resolution holds: of every metric the smallest, the largest and the mean of its seconds.
/// Floats, because a chart needs no more and thirty days of minutes are kept in memory.
struct HistorySlot
{
    qint64 bucket = -1; ///< time since the epoch in steps of the ring; -1: never written
    qint32 seconds = 0; ///< how many frames are in it
    std::array<float, kMetricCount> minimum{};
    std::array<float, kMetricCount> maximum{};
    std::array<float, kMetricCount> mean{};
};

/// A bounded memory of one resolution: a ring of slots by time, allocated in chunks as time passes. A bucket that was
/// never written, or overwritten since, is absent. Not thread-safe; owned by History.
class HistoryRing final
{
public:
    /// Keeps the newest `span` in buckets of `step`.
    HistoryRing(std::chrono::seconds step, std::chrono::seconds span);

    [[nodiscard]] std::chrono::seconds step() const { return m_step; }
    [[nodiscard]] std::chrono::seconds span() const { return m_span; }
    /// The bucket that an instant belongs to.
    [[nodiscard]] qint64 bucketOf(UtcTime time) const;

    /// Adds one second's values to its bucket. `second` is the time since the epoch.
    void add(const std::array<double, kMetricCount> &values, qint64 second);
    /// Puts a slot that was saved; one that is older or less complete than what is in its place is ignored.
    void restore(const HistorySlot &slot);
    /// The slot of a bucket; nullptr if nothing is known of it.
    [[nodiscard]] const HistorySlot *find(qint64 bucket) const;

    /// Buckets [first, first + count) as a compact blob; empty if none of them was written. For read().
    [[nodiscard]] QByteArray write(qint64 first, int count) const;
    /// Restores what write() made. `order` names the metrics of the blob by position, nullopt for one that is not known
    /// any more. False if the blob is damaged; what could be read is then kept.
    bool read(const QByteArray &blob, const std::vector<std::optional<Metric>> &order);

    /// The newest bucket there is; -1 if there is none.
    [[nodiscard]] qint64 newestBucket() const { return m_newest; }
    /// Bytes allocated now; at most as many as memoryBound().
    [[nodiscard]] qsizetype memory() const;
    [[nodiscard]] qsizetype memoryBound() const;

private:
    static constexpr size_t kChunkSlots = 720;
    using Chunk = std::array<HistorySlot, kChunkSlots>;

    [[nodiscard]] HistorySlot &slotFor(qint64 bucket);

    std::chrono::seconds m_step;
    std::chrono::seconds m_span;
    size_t m_capacity; ///< in slots: the span and a little more, so that a whole span is there while the newest bucket
                       ///< fills
    std::vector<std::unique_ptr<Chunk>> m_chunks;
    qint64 m_newest = -1;
};

} // namespace gatehouse
