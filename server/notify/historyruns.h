// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "server/notify/cursor.h"
#include "server/store/database.h"

namespace gatehouse {

/// Which runs of the server the history in the state file is made of, so that a cursor is recognised, or not. Each run
/// has a random mark; its cursors hold up to where the next run began. So a cursor that was given out after the backup
/// that the state file has been put back from is recognised too: either its run is unknown, or it lies beyond that
/// run's end. For the store thread, but for mark() and sequenceOf().
class HistoryRuns final
{
public:
    static constexpr size_t kMaxRuns = 1000; ///< older ones are forgotten, and their cursors with them

    HistoryRuns();

    [[nodiscard]] static Status createTables(Database &database);
    /// Reads the earlier runs and records this one; does nothing once that is durable. To be called within a
    /// transaction, as often as there is one until confirm().
    [[nodiscard]] Status record(Database &database);
    /// The transaction of the last record() has been committed.
    void confirm() { m_isRecorded = true; }
    /// This run's mark. Any thread.
    [[nodiscard]] quint32 mark() const { return m_mark; }
    /// The sequence that a cursor stands for in this history, which has come to `last`; nullopt if it is of another
    /// one. Any thread.
    [[nodiscard]] std::optional<qint64> sequenceOf(Cursor cursor, qint64 last) const;

private:
    struct Run
    {
        quint32 mark;
        qint64 begin; ///< the last sequence before it
    };
    quint32 m_mark;
    bool m_isRecorded = false;
    mutable std::mutex m_mutex; ///< guards the next two
    std::vector<Run> m_earlier; ///< in order
    qint64 m_begin = 0;         ///< of this run
};

} // namespace gatehouse
