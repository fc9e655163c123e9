// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxmerge.h"

#include <algorithm>

namespace gatehouse {

namespace {

// Content that is gone so long before its time was not deleted because of its time.
constexpr std::chrono::seconds kClocksDiffer{ 5 };

/// In the order of publishing, each once.
void putInOrder(std::vector<InboxEntry> &entries)
{
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
}

} // namespace

std::vector<InboxEntry> unreadOf(const std::vector<InboxIndex> &inboxes, UtcTime now)
{
    std::vector<InboxEntry> entries;
    for (const InboxIndex &inbox : inboxes)
        entries.insert(entries.end(), inbox.unread.begin(), inbox.unread.end());
    std::erase_if(entries, [now](const InboxEntry &entry) { return entry.until <= now; });
    putInOrder(entries);
    return entries;
}

InboxMerge::InboxMerge(const ReaderIndex &index, const InboxQuery &query, UtcTime now)
    : m_now(now)
    , m_isMissed(index.after.has_value())
{
    m_inbox.run = index.run;
    m_inbox.lastSequence = index.last;
    m_inbox.isTruncated = query.after && !m_isMissed; // of another history
    takeUnread(index);
    if (m_isMissed)
        takeMissed(index);
    m_count = m_toRead.size();
    m_toRead.resize(std::min(m_count, size_t(std::max<qint64>(query.limit, 1))));
}

void InboxMerge::takeUnread(const ReaderIndex &index)
{
    std::vector<InboxEntry> unread;
    for (const InboxIndex &inbox : index.inboxes) {
        qint64 taken = 0;
        for (const InboxEntry &entry : inbox.unread) {
            if (entry.until > m_now && taken++ <= kMaxUnreadPerUser)
                unread.push_back(entry);
        }
    }
    putInOrder(unread);
    m_inbox.unreadCount = std::min(qint64(unread.size()), kMaxUnreadPerUser);
    for (const InboxEntry &entry : unread)
        m_inbox.unreadUntil = std::min(m_inbox.unreadUntil, entry.until);
    if (m_isMissed)
        return;
    std::reverse(unread.begin(), unread.end());
    m_toRead = std::move(unread);
}

void InboxMerge::takeMissed(const ReaderIndex &index)
{
    std::vector<InboxEntry> missed;
    for (const InboxIndex &inbox : index.inboxes) {
        const qint64 from = inbox.isOfUser ? *index.after : std::max(*index.after, index.since);
        const auto isMissed = [from](const InboxEntry &entry) { return entry.sequence > from; };
        std::copy_if(inbox.read.begin(), inbox.read.end(), std::back_inserter(missed), isMissed);
        std::copy_if(inbox.unread.begin(), inbox.unread.end(), std::back_inserter(missed), isMissed);
        m_inbox.isTruncated = m_inbox.isTruncated || inbox.floor > from;
    }
    putInOrder(missed);
    const auto tooOld = std::erase_if(missed, [this](const InboxEntry &entry) { return entry.until <= m_now; });
    m_inbox.isTruncated = m_inbox.isTruncated || index.isLost || tooOld > 0;
    if (qint64(missed.size()) > kMaxUnreadPerUser) { // the oldest are out
        missed.erase(missed.begin(), missed.end() - kMaxUnreadPerUser);
        m_inbox.isTruncated = true;
    }
    m_toRead = std::move(missed);
}

Inbox InboxMerge::finish(ReadContents contents)
{
    const size_t answered = std::min(contents.notifications.size(), m_toRead.size());
    qint64 sequence = 0;
    for (size_t i = 0; i < answered; ++i) {
        const InboxEntry &entry = m_toRead[i];
        sequence = entry.sequence;
        if (contents.notifications[i]) {
            m_inbox.notifications.push_back({ entry.sequence, std::move(*contents.notifications[i]) });
            m_inbox.notifications.back().notification.isRead = entry.isRead;
        } else if (entry.until > m_now + kClocksDiffer) {
            m_inbox.isTruncated = true; // it was pushed out since the index was read
        }
    }
    const bool isMore = answered < m_count;
    if (!m_isMissed) {
        std::reverse(m_inbox.notifications.begin(), m_inbox.notifications.end());
        m_inbox.isTruncated = m_inbox.isTruncated || isMore;
    } else if (isMore) {
        m_inbox.hasMore = true;
        m_inbox.lastSequence = sequence;
    }
    return std::move(m_inbox);
}

} // namespace gatehouse
