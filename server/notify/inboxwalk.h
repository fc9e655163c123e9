// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/inboxqueries.h"

namespace gatehouse {

/// Goes through all that a reader's inboxes held when the history had come to one sequence, a portion at a time, so
/// that others have their turn in between. What is published meanwhile lies beyond that sequence. For one reader
/// thread at a time.
class InboxWalk final
{
public:
    static constexpr qint64 kPortion = 300; ///< rows
    /// Of one inbox, the newest: more than a list takes, and than a purge leaves.
    static constexpr qint64 kMostOfInbox = 1300;

    /// What came after `above`, up to `last`. With `after`, what is read counts too where it came after that.
    InboxWalk(const InboxReader &reader, qint64 above, qint64 last, std::optional<qint64> after = {});

    /// Reads the next portion.
    [[nodiscard]] Status step(Database &database);
    [[nodiscard]] bool isAtEnd() const { return m_target == m_targets.size(); }
    /// What there is, as far as it has been read; by target.
    [[nodiscard]] std::vector<InboxIndex> takeInboxes() { return std::move(m_inboxes); }
    /// No more than so many are unread(): those in two inboxes count twice, and those whose time is over count.
    [[nodiscard]] qint64 mostUnread() const;
    /// The unread ones that have been met, each once, oldest first.
    [[nodiscard]] std::vector<InboxEntry> unread() const;

private:
    [[nodiscard]] Status endTarget(Database &database);

    InboxReader m_reader;
    qint64 m_last;
    std::optional<qint64> m_after;
    std::vector<InboxTarget> m_targets;
    std::vector<InboxIndex> m_inboxes; ///< of m_targets
    size_t m_target = 0;               ///< the one that is being read
    qint64 m_upTo;                     ///< where that goes on
    qint64 m_taken = 0;                ///< of that
};

} // namespace gatehouse
