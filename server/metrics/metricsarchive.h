// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/log/log.h"
#include "server/metrics/aggregator.h"
#include "server/metrics/history.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// Keeps the history and the days in the state file. Lives on the main thread; the writing is done by the store thread.
/// A crash loses what is newer than the last save() that was durable; a failed save is tried again with the next one.
class MetricsArchive final
{
public:
    /// Rows older than this many days are deleted.
    MetricsArchive(StoreThread &store, Log &log, int retentionDays);
    ~MetricsArchive();
    Q_DISABLE_COPY_MOVE(MetricsArchive)

    /// For StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);

    /// The newest day that was saved, for the Aggregator; empty if there is none. Waits for the store thread: for
    /// start-up only.
    [[nodiscard]] DayRecord loadNewestDay();
    /// Puts back what was saved. Damaged rows are skipped and logged. Waits for the store thread: for start-up only.
    void loadHistory(History &history);

    /// Is handed every block that save() queues.
    using BlockObserver = std::function<void(const std::vector<History::Block> &)>;
    void setObserver(BlockObserver observer) { m_observer = std::move(observer); }

    /// Queues what changed since the last call: every 10 s, and at shutdown.
    void save(Aggregator &aggregator, History &history);
    /// Queues the deletion of what is older than each resolution is kept, and than the retention: at start and once an
    /// hour.
    void deleteOld(UtcTime now);
    /// The days that began from `from` on and before `to`, oldest first; called on the store thread.
    void loadDays(UtcTime from, UtcTime to, std::function<void(Result<std::vector<DayRecord>>)> done);

private:
    struct Unsaved;

    StoreThread &m_store;
    Log &m_log;
    int m_retentionDays;
    BlockObserver m_observer;
    std::shared_ptr<Unsaved> m_unsaved; ///< shared with callbacks that the store thread may run after us
};

} // namespace gatehouse
