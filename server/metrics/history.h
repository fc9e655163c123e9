// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <set>
#include <vector>

#include "server/metrics/historyring.h"
#include "shared/protocol/historyreply.h"

namespace gatehouse {

/// What every metric was like: each second of the last hour, each 10 s of the last day, each minute of the last 30
/// days. Seconds in which the server was down are absent. Takes at most kMemoryBound bytes, and as little as it has
/// seen. Lives on the main thread; knows nothing of files: MetricsArchive saves and restores it.
class History final
{
public:
    static constexpr size_t kResolutions = 3;
    static constexpr int kBlockSlots = 10; ///< what is saved as one row
    static constexpr qsizetype kMemoryBound = 13 * 1024 * 1024;
    static constexpr int kMaxPoints = 5000;
    /// Of each resolution its step, and for how long it is kept.
    static constexpr std::array<std::pair<std::chrono::seconds, std::chrono::seconds>, kResolutions> kSpans{
        { { std::chrono::seconds(1), std::chrono::hours(1) }, { std::chrono::seconds(10), std::chrono::hours(24) },
            { std::chrono::seconds(60), std::chrono::hours(30 * 24) } }
    };

    /// A row of the archive: ten slots of one resolution.
    struct Block
    {
        qint64 stepSeconds = 0;
        qint64 block = 0; ///< time since the epoch in steps of kBlockSlots slots
        QByteArray data;
    };

    History();
    Q_DISABLE_COPY_MOVE(History)

    /// Adds one second. A frame that comes late, but less than a second, still fills the second that it was to fill.
    void add(const MetricsFrame &frame);

    /// The metrics from `from` to `to` in at most `points` buckets (1 to kMaxPoints), from the finest resolution that
    /// reaches back that far and is not finer than needed. The buckets begin at `from`, rounded up to that resolution.
    /// `to` must be after `from`.
    [[nodiscard]] HistoryReply query(const std::vector<Metric> &metrics, UtcTime from, UtcTime to, int points) const;
    /// The step of the resolution that query() would answer from, of a history that reaches to `newest`.
    [[nodiscard]] static std::chrono::seconds stepFor(UtcTime from, UtcTime to, int points, UtcTime newest);

    /// What changed since the last call, for saving.
    [[nodiscard]] std::vector<Block> takeChanges();
    /// Puts back a saved block; false if it is damaged or of a resolution that there is not.
    bool restore(const Block &block, const std::vector<std::optional<Metric>> &order);
    /// The history reaches to there, though nothing may have been put back of its end.
    void assumeNewest(UtcTime newest) { m_newest = std::max(m_newest, newest); }

    /// For how long each resolution is kept.
    [[nodiscard]] const HistoryRing &ring(size_t resolution) const { return m_rings[resolution]; }
    [[nodiscard]] qsizetype memory() const;

private:
    [[nodiscard]] qint64 secondOf(UtcTime frameTime) const;
    [[nodiscard]] const HistoryRing &ringFor(std::chrono::seconds step) const;

    std::array<HistoryRing, kResolutions> m_rings;
    std::array<std::set<qint64>, kResolutions> m_changed; ///< blocks
    UtcTime m_newest{};                                   ///< the newest that is known of, from before a restart too
    UtcTime m_lastFrame{};
    qint64 m_lastSecond = -1;
};

} // namespace gatehouse
