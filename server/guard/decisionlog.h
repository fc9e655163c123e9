// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/guard/decisionarchive.h"
#include "server/guard/decisionreturns.h"
#include "server/guard/decisionsink.h"
#include "server/guard/refusalbudget.h"
#include "server/log/log.h"
#include "server/log/logpause.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Remembers who was refused and why: the newest in memory, more in the archive, each as a line in the log and in the
/// live stream. record() and count() may be called from any thread; everything else is of the main thread. record()
/// only puts the decision behind what waits for drain(), under a lock that all threads share; where there is no room,
/// and for count(), it adds to sums there. Under a flood memory, log lines and stored rows stay bounded, by the second
/// and by the day: what is left out is counted and told, never silently lost. Decisions must carry an id.
class DecisionLog final : public QObject, public DecisionSink
{
    Q_OBJECT

public:
    static constexpr size_t kMaxInMemory = 10'000;
    static constexpr size_t kMaxPending = 10'000; ///< between two drains
    static constexpr int kMaxStoredPerSecond = 500;
    static constexpr int kMaxLoggedPerSecond = 500;
    static constexpr qint64 kMaxStoredPerDay = 200'000;
    static constexpr qint64 kMaxLoggedPerDay = 200'000;
    static constexpr qint64 kMaxStoredBytesPerDay = 64 * 1024 * 1024;
    static constexpr qint64 kMaxLoggedBytesPerDay = 64 * 1024 * 1024;
    static constexpr std::chrono::milliseconds kDrainInterval{ 100 };

    struct Page
    {
        std::vector<Decision> decisions; ///< newest first
        QString nextCursor;              ///< empty at the end
        qint64 total = 0;                ///< that match, on all pages
        bool isAtLeast = false;          ///< there may be more than that: no more were counted
        qint64 notStored = 0;            ///< of the seconds of that time, matching or not: counted, but not kept
    };

    DecisionLog(const Clock &clock, Log &log, DecisionArchive &archive, QObject *parent = nullptr);

    void record(Decision decision) override;
    void count(const Decision &about, qint64 count) override;

    /// Begins to drain every kDrainInterval.
    void start();
    /// Takes over what was recorded since the last drain. Call it once more at shutdown, when the workers have ended.
    void drain();

    /// A page of what matches, older than `cursor` (if not empty); `done` may run on the store thread.
    void query(const DecisionFilter &filter, const QString &cursor, int limit, std::function<void(Result<Page>)> done);
    /// Of every refusal; of what was left out before the last hour, or before the start, as far as it was kept. `done`
    /// may run on the store thread.
    void top(DecisionKey key, UtcTime from, UtcTime to, int limit, std::function<void(Result<DecisionCounts>)> done);
    /// Forwarded to the archive: at start and once an hour.
    void deleteOld() { m_archive.deleteOld(m_clock.utc()); }

    /// Recorded since the start, those left out included.
    [[nodiscard]] qint64 recorded() const { return m_recorded; }
    /// Left out of memory because too many came between two drains.
    [[nodiscard]] qint64 skipped() const { return m_skipped; }
    /// Not stored, and not written to the log, because there were too many in one second or day. Of the log, only while
    /// it is asked for.
    [[nodiscard]] qint64 notStored() const { return m_storeBudget.leftOut(); }
    [[nodiscard]] qint64 notLogged() const { return m_logBudget.leftOut(); }

Q_SIGNALS:
    /// At most every kDrainInterval. `skipped` came as well, but there was no room for them.
    void drained(const std::vector<gatehouse::Decision> &decisions, qint64 skipped);

private:
    /// Whether a batch that was given to the archive could not be stored. The store thread says it.
    using IsLost = std::shared_ptr<std::atomic<bool>>;
    struct Kept
    {
        Decision decision;
        IsLost isLost; ///< of its batch; null: it was not given to the archive
    };
    /// What memory has for a page, and what the archive does not know of the whole.
    struct Known
    {
        /// Given to the archive together.
        struct Batch
        {
            IsLost isLost;
            qint64 matching = 0;
            qint64 ofThatTime = 0;
        };
        std::vector<Decision> decisions; ///< newest first, as many as may be needed
        qint64 matching = 0;             ///< whatever the cursor; as what follows, of those that are not stored
        qint64 ofThatTime = 0;
        std::vector<Batch> batches;

        /// One of that time.
        void count(const IsLost &isLost, bool isMatch);
        /// Once the archive has answered.
        void addLostBatches();
    };
    void writeLines(const std::vector<Decision> &decisions, qint64 skipped);
    /// Says of each in which batch it is stored; counts the others.
    [[nodiscard]] std::vector<IsLost> store(const std::vector<Decision> &decisions, DecisionArchive::LeftOut leftOut);
    void tellWhatWasLeftOut();
    /// Whether every refusal since then is in memory.
    [[nodiscard]] bool reachesBackTo(UtcTime from) const;
    [[nodiscard]] DecisionCounts countsInMemory(DecisionKey key, UtcTime from, UtcTime to, int limit) const;
    [[nodiscard]] Known inMemory(const DecisionFilter &filter, const QString &before, int limit) const;
    [[nodiscard]] static Page pageOf(Known known, DecisionArchive::Found inArchive, int limit);

    const Clock &m_clock;
    Log &m_log;
    DecisionArchive &m_archive;
    QTimer m_timer;

    /// What came since the last drain.
    struct Pending
    {
        std::vector<Decision> decisions;
        qint64 skipped = 0;
        DecisionArchive::LeftOut leftOut; ///< those skipped, and those that were only counted
        RefusalTally tally;               ///< of the same ones
    };
    std::mutex m_mutex; ///< guards m_pending
    Pending m_pending;

    RefusalTally m_tally;
    std::shared_ptr<DecisionReturns> m_returns; ///< lives as long as the store may add to it

    std::deque<Kept> m_memory; ///< oldest first
    UtcTime m_unseenUntil{};   ///< when the last one came that never was in memory
    qint64 m_recorded = 0;
    qint64 m_skipped = 0;
    MonoTime m_second{}; ///< when it was last looked whether something was left out
    LogPause m_tellPause;
    struct Told
    {
        qint64 notLogged = 0;
        qint64 notStored = 0;
    };
    Told m_told; ///< how many of those that were left out the log has told of
    RefusalBudget m_logBudget{ { kMaxLoggedPerSecond, kMaxLoggedPerDay, kMaxLoggedBytesPerDay } };
    RefusalBudget m_storeBudget{ { kMaxStoredPerSecond, kMaxStoredPerDay, kMaxStoredBytesPerDay } };
};

} // namespace gatehouse
