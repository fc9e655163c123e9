// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/inboxwalk.h"

namespace gatehouse {

/// One command that marks as read, in portions: finds what is unread of what is to be marked, marks it, and counts what
/// is left. What is found and counted is read on reader threads, so that a write does nothing but write. For one thread
/// at a time.
class InboxMarking final
{
public:
    static constexpr size_t kPortionToWrite = 250;

    /// Without `ids` all that is unread. `since` of the reader is looked up.
    InboxMarking(InboxReader reader, std::optional<QStringList> ids);

    enum class Next
    {
        Read,  ///< read() once more
        Write, ///< write(), then written() once that is durable
        Done
    };
    /// On a reader thread.
    [[nodiscard]] Result<Next> read(Database &database);
    /// On the store thread.
    [[nodiscard]] Status write(Database &database);
    void written();
    /// The ids that were unread, in the order of publishing, and how many are left.
    [[nodiscard]] const QStringList &marked() const { return m_marked; }
    [[nodiscard]] qint64 left() const { return m_left; }

private:
    struct Found
    {
        qint64 sequence;
        QString id; ///< empty until it is asked for
    };
    [[nodiscard]] Status begin(Database &database);
    [[nodiscard]] Status find(Database &database);
    [[nodiscard]] Status findNamed(Database &database);
    [[nodiscard]] Status findAll(Database &database);
    [[nodiscard]] Status count(Database &database);

    InboxReader m_reader;
    std::optional<QStringList> m_ids;
    std::optional<InboxWalk> m_walk; ///< of what there is to mark, then of what is left
    qint64 m_last = 0;               ///< the last sequence when it was begun
    bool m_isFound = false;
    qsizetype m_looked = 0;     ///< ids that have been looked for
    std::vector<Found> m_found; ///< in order, once all are found
    size_t m_named = 0;         ///< of m_found that have their id
    size_t m_written = 0;       ///< of m_found
    bool m_isCounting = false;
    bool m_isCounted = false;
    QStringList m_justMarked; ///< by the write that is not durable yet
    QStringList m_marked;
    qint64 m_left = 0;
};

} // namespace gatehouse
