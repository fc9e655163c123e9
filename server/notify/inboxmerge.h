// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "server/notify/inboxentry.h"
#include "server/notify/notificationstore.h"

namespace gatehouse {

/// What is in the inbox of a user, a group or all for one reader.
struct InboxIndex
{
    std::vector<InboxEntry> unread; ///< newest first
    std::vector<InboxEntry> read;   ///< newest first; of what came after the cursor
    qint64 floor = 0;               ///< up to here some that had not expired are gone
    bool isOfUser = false;          ///< the others count from the reader's first sight
};

/// What the inbox of a reader is made of, at one moment.
struct ReaderIndex
{
    quint32 run = 0;
    qint64 last = 0;  ///< the last sequence
    qint64 since = 0; ///< the reader's first sight
    std::optional<qint64>
        after{}; ///< the sequence that the cursor stands for; nullopt without one and for one of another history
    bool isLost = false; ///< since the cursor some were lost that nobody has a floor of
    std::vector<InboxIndex> inboxes{};
};

/// Contents by their place in what was asked for.
struct ReadContents
{
    std::vector<std::optional<Notification>>
        notifications;   ///< nullopt for what is gone or no notification; the rest did not fit
    QString refusal;     ///< why the last one that is no notification is none; empty if all are
    qint64 bytes = 0;    ///< that those here take in a list
    bool isFull = false; ///< the next one has no room
};

/// What is unread at that time, oldest first, each once: what went to two groups of a reader is in two inboxes.
[[nodiscard]] std::vector<InboxEntry> unreadOf(const std::vector<InboxIndex> &inboxes, UtcTime now);

/// Makes a list of what the inboxes of a reader hold: what is merged, cut off and counted, for every kind of store.
/// Pure: begin with what the inboxes say, read the contents of toRead(), and finish with them, once.
class InboxMerge final
{
public:
    InboxMerge(const ReaderIndex &index, const InboxQuery &query, UtcTime now);

    /// The entries that may be listed, in the order in which they get room; empty if there is nothing to list.
    [[nodiscard]] const std::vector<InboxEntry> &toRead() const { return m_toRead; }
    /// Bytes that the list's contents may have.
    static constexpr qint64 kContentBytes = kMaxInboxBytes - 256; // the rest is around them
    [[nodiscard]] Inbox finish(ReadContents contents);

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
