// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/historyruns.h"

#include <algorithm>

#include <QtCore/QRandomGenerator>

#include "server/notify/inboxqueries.h"

namespace gatehouse {

HistoryRuns::HistoryRuns()
    : m_mark(QRandomGenerator::system()->bounded(1U, 0xFFFFFFFFU))
{
}

Status HistoryRuns::createTables(Database &database)
{
    return database.execute("CREATE TABLE IF NOT EXISTS history_run (number INTEGER PRIMARY KEY, mark INTEGER NOT NULL,"
                            " begin_seq INTEGER NOT NULL)");
}

Status HistoryRuns::record(Database &database)
{
    if (m_isRecorded)
        return ok();
    const Result<qint64> last = inboxqueries::lastSequence(database);
    if (!last)
        return last.error();
    std::vector<Run> earlier;
    Statement query = database.prepare("SELECT mark, begin_seq, number FROM history_run ORDER BY number");
    qint64 number = 0;
    while (query.nextRow()) {
        earlier.push_back({ quint32(query.integer(0)), query.integer(1) });
        number = query.integer(2);
    }
    Status status = query.status();
    const bool isThere = !earlier.empty() && earlier.back().mark == m_mark; // by a work of the same group of writes
    if (isThere)
        earlier.pop_back();
    {
        const std::lock_guard lock(m_mutex);
        m_earlier = std::move(earlier);
        m_begin = isThere ? m_begin : *last;
    }
    if (isThere)
        return status;
    if (status)
        status = database.prepare("INSERT INTO history_run (number, mark, begin_seq) VALUES (?1, ?2, ?3)")
                     .bind(1, number + 1)
                     .bind(2, qint64(m_mark))
                     .bind(3, *last)
                     .run();
    if (status)
        status = database.prepare("DELETE FROM history_run WHERE number <= ?1")
                     .bind(1, number + 1 - qint64(kMaxRuns))
                     .run();
    return status;
}

std::optional<qint64> HistoryRuns::sequenceOf(Cursor cursor, qint64 last) const
{
    qint64 end = last;
    const std::lock_guard lock(m_mutex);
    if (cursor.run != m_mark) {
        const auto run = std::find_if(
            m_earlier.begin(), m_earlier.end(), [cursor](const Run &earlier) { return earlier.mark == cursor.run; });
        if (run == m_earlier.end())
            return std::nullopt;
        end = run + 1 == m_earlier.end() ? m_begin : (run + 1)->begin;
    }
    return cursor.sequence <= end ? std::optional(cursor.sequence) : std::nullopt;
}

} // namespace gatehouse
