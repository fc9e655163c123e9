// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cluster/delivery/inboxscripts.h"

namespace gatehouse {

/// Makes a list of what the inboxes of a reader hold, by the rules of the embedded store (inboxqueries). Pure: begin
/// with what the inboxes say, read the contents of toRead(), and finish with them.
class InboxMerge final
{
public:
    InboxMerge(const ReaderIndex &index, const InboxQuery &query, UtcTime now);

    /// The entries that may be listed, in the order in which they get room; empty if there is nothing to list.
    [[nodiscard]] const std::vector<InboxEntry> &toRead() const { return m_toRead; }
    /// Bytes that the list's contents may have.
    static constexpr qint64 kContentBytes = kMaxInboxBytes - 256; // the rest is around them
    [[nodiscard]] Inbox finish(const ReadContents &contents);

private:
    void takeUnread(const ReaderIndex &index);
    void takeMissed(const ReaderIndex &index);

    UtcTime m_now;
    bool m_isMissed; ///< what came after a cursor is listed, oldest first; else what is unread, newest first
    Inbox m_inbox;
    size_t m_count = 0; ///< of what was asked for, listed or not
    std::vector<InboxEntry> m_toRead;
};

} // namespace gatehouse
