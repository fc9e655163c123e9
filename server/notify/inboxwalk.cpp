// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxwalk.h"

#include <algorithm>
#include <numeric>

namespace gatehouse {

namespace {

constexpr qint64 kRowsOfTarget = 3; // what it costs to look at one that is empty

} // namespace

InboxWalk::InboxWalk(const InboxReader &reader, qint64 above, qint64 last, std::optional<qint64> after)
    : m_reader(reader)
    , m_last(last)
    , m_after(after)
    , m_targets(inboxqueries::targetsOf(reader))
    , m_inboxes(m_targets.size())
    , m_upTo(last)
{
    for (size_t i = 0; i < m_targets.size(); ++i) {
        m_inboxes[i].isOfUser = m_targets[i].kind == TargetKind::User;
        m_targets[i].from = std::max(m_targets[i].from, above);
    }
}

Status InboxWalk::step(Database &database)
{
    for (qint64 rows = 0; rows < kPortion && !isAtEnd();) {
        InboxIndex &inbox = m_inboxes[m_target];
        const qint64 limit = std::min(kPortion, kMostOfInbox - m_taken);
        const Result<std::vector<InboxEntry>> found
            = inboxqueries::entries(database, m_targets[m_target], m_reader, m_upTo, limit);
        if (!found)
            return found.error();
        for (const InboxEntry &entry : *found) {
            if (!entry.isRead)
                inbox.unread.push_back(entry);
            else if (m_after && entry.sequence > *m_after)
                inbox.read.push_back(entry);
        }
        const auto count = qint64(found->size());
        rows += count + kRowsOfTarget;
        m_taken += count;
        if (count < limit || m_taken >= kMostOfInbox) {
            if (const Status status = endTarget(database); !status)
                return status;
        } else {
            m_upTo = found->back().sequence - 1;
        }
    }
    return ok();
}

Status InboxWalk::endTarget(Database &database)
{
    if (m_after) {
        const Result<qint64> floor = inboxqueries::floorOf(database, m_targets[m_target]);
        if (!floor)
            return floor.error();
        m_inboxes[m_target].floor = *floor;
    }
    ++m_target;
    m_upTo = m_last;
    m_taken = 0;
    return ok();
}

qint64 InboxWalk::mostUnread() const
{
    return std::accumulate(m_inboxes.begin(), m_inboxes.end(), qint64(0),
        [](qint64 sum, const InboxIndex &inbox) { return sum + qint64(inbox.unread.size()); });
}

std::vector<InboxEntry> InboxWalk::unread() const
{
    return unreadOf(m_inboxes, m_reader.now);
}

} // namespace gatehouse
