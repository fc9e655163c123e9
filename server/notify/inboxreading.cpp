// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxreading.h"

#include <utility>

namespace gatehouse {

InboxReading::InboxReading(const HistoryRuns &runs, InboxQuery query, qint64 since, UtcTime now)
    : m_runs(runs)
    , m_query(std::move(query))
    , m_reader{ m_query.user, m_query.groups, since, now }
{
}

Status InboxReading::begin(Database &database)
{
    const Result<qint64> last = inboxqueries::lastSequence(database);
    if (!last)
        return last.error();
    m_index.run = m_runs.mark();
    m_index.last = *last;
    m_index.since = m_reader.since;
    if (m_query.after)
        m_index.after = m_runs.sequenceOf(*m_query.after, *last);
    m_walk.emplace(m_reader, 0, *last, m_index.after);
    return ok();
}

Result<std::optional<Inbox>> InboxReading::step(Database &database)
{
    Status status = m_walk ? ok() : begin(database);
    if (status && !m_walk->isAtEnd())
        status = m_walk->step(database);
    if (!status)
        return status.error();
    if (!m_walk->isAtEnd())
        return std::optional<Inbox>();
    if (!m_merge) {
        m_index.inboxes = m_walk->takeInboxes();
        m_merge.emplace(m_index, m_query, m_reader.now);
    }
    status = inboxqueries::readContents(database, m_merge->toRead(), kPortionBytes, m_contents);
    if (!status)
        return status.error();
    if (!m_contents.isFull && m_contents.notifications.size() < m_merge->toRead().size())
        return std::optional<Inbox>();
    return std::optional(m_merge->finish(std::move(m_contents)));
}

} // namespace gatehouse
