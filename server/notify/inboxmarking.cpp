// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxmarking.h"

#include <algorithm>

namespace gatehouse {

namespace {

// Looked up in one portion: ids, times the inboxes that each may be in.
constexpr size_t kLookUps = 600;

} // namespace

InboxMarking::InboxMarking(InboxReader reader, std::optional<QStringList> ids)
    : m_reader(std::move(reader))
    , m_ids(std::move(ids))
{
    if (m_ids)
        m_ids->removeDuplicates();
}

Status InboxMarking::begin(Database &database)
{
    const Result<qint64> last = inboxqueries::lastSequence(database);
    if (!last)
        return last.error();
    const Result<std::optional<qint64>> since = inboxqueries::findKnownSince(database, m_reader.user);
    if (!since)
        return since.error();
    m_last = *last;
    m_reader.since = since->value_or(m_last);
    m_walk.emplace(m_reader, 0, m_last);
    return ok();
}

Result<InboxMarking::Next> InboxMarking::read(Database &database)
{
    Status status = m_walk ? ok() : begin(database);
    if (status && !m_isFound)
        status = find(database);
    if (!status)
        return status.error();
    if (!m_isFound)
        return Next::Read;
    if (m_written < m_found.size())
        return Next::Write;
    status = count(database);
    if (!status)
        return status.error();
    return m_isCounted ? Next::Done : Next::Read;
}

Status InboxMarking::find(Database &database)
{
    return m_ids ? findNamed(database) : findAll(database);
}

Status InboxMarking::findNamed(Database &database)
{
    const std::vector<InboxTarget> targets = inboxqueries::targetsOf(m_reader);
    const auto end = std::min(m_ids->size(), m_looked + qsizetype(kLookUps / targets.size()) + 1);
    for (; m_looked < end; ++m_looked) {
        const QString &id = m_ids->at(m_looked);
        const Result<std::optional<InboxEntry>> entry = inboxqueries::findUnread(database, targets, m_reader, id);
        if (!entry)
            return entry.error();
        if (*entry)
            m_found.push_back({ (*entry)->sequence, id });
    }
    m_isFound = m_looked == m_ids->size();
    if (m_isFound)
        std::sort(m_found.begin(), m_found.end(),
            [](const Found &one, const Found &other) { return one.sequence < other.sequence; });
    return ok();
}

Status InboxMarking::findAll(Database &database)
{
    if (!m_walk->isAtEnd()) {
        if (const Status status = m_walk->step(database); !status || !m_walk->isAtEnd())
            return status;
        for (const InboxEntry &entry : m_walk->unread())
            m_found.push_back({ entry.sequence, {} });
    }
    const size_t end = std::min(m_found.size(), m_named + kLookUps);
    for (; m_named < end; ++m_named) {
        Result<QString> id = inboxqueries::idOf(database, m_found[m_named].sequence);
        if (!id)
            return id.error();
        m_found[m_named].id = *id;
    }
    m_isFound = m_named == m_found.size();
    return ok();
}

Status InboxMarking::write(Database &database)
{
    m_justMarked.clear();
    const size_t end = std::min(m_found.size(), m_written + kPortionToWrite);
    for (size_t i = m_written; i < end; ++i) {
        const Result<bool> isMarked = inboxqueries::markRead(database, m_reader.user, m_found[i].sequence);
        if (!isMarked)
            return isMarked.error();
        if (*isMarked)
            m_justMarked.append(m_found[i].id);
    }
    return ok();
}

void InboxMarking::written()
{
    m_written = std::min(m_found.size(), m_written + kPortionToWrite);
    m_marked += m_justMarked;
}

/// What was found is marked: of all, only what was published since is left.
Status InboxMarking::count(Database &database)
{
    if (!m_isCounting) {
        const Result<qint64> now = inboxqueries::lastSequence(database);
        if (!now)
            return now.error();
        m_walk.emplace(m_reader, m_ids ? 0 : m_last, *now);
        m_isCounting = true;
    }
    if (const Status status = m_walk->step(database); !status)
        return status;
    if (!m_walk->isAtEnd() && m_walk->mostUnread() < kMaxUnreadPerUser)
        return ok();
    const auto unread = qint64(m_walk->unread().size());
    m_isCounted = m_walk->isAtEnd() || unread >= kMaxUnreadPerUser;
    m_left = std::min(unread, kMaxUnreadPerUser);
    return ok();
}

} // namespace gatehouse
