// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/cluster/delivery/inboxtask.h"

namespace gatehouse {

/// One command that marks as read in Redis: finds what is unread, marks what is to be marked, and looks what has come
/// since, so that the number that is left is of the moment of the answer.
class RedisInboxMarking final : public InboxTask, public std::enable_shared_from_this<RedisInboxMarking>
{
public:
    using Done = std::function<void(Result<std::pair<QStringList, qint64>>)>;

    /// Without `ids` all that is unread. `clock` outlives it.
    RedisInboxMarking(
        const QString &user, const QStringList &groups, std::optional<QStringList> ids, const Clock &clock, Done done);

    void step(RedisHistory &history, Ended ended) override;
    void refuse(const Error &error) override { m_done(error); }

private:
    void look(RedisHistory &history, const Ended &ended);
    [[nodiscard]] Status tookIndex(const Result<RedisReply> &reply);
    [[nodiscard]] Status tookMarked(const Result<RedisReply> &reply);
    [[nodiscard]] std::vector<InboxEntry> unread() const;
    void choose();
    void end(const Status &status, const Ended &ended);

    inboxscripts::IndexQuestion m_question;
    std::optional<QStringList> m_ids;
    const Clock &m_clock;
    Done m_done;
    inboxscripts::IndexPlace m_place;
    ReaderIndex m_index;
    bool m_isChosen = false;         ///< it is known what is to be marked
    std::vector<InboxEntry> m_found; ///< that
    size_t m_written = 0;            ///< of m_found
    QStringList m_marked;
    qint64 m_left = 0; ///< unread and not to be marked
    bool m_isOver = false;
};

} // namespace gatehouse
