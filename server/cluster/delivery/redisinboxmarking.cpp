// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/redisinboxmarking.h"

#include <algorithm>
#include <utility>

#include <QtCore/QSet>

#include "server/cluster/scripts/scripts.h"

namespace gatehouse {

RedisInboxMarking::RedisInboxMarking(
    const QString &user, const QStringList &groups, std::optional<QStringList> ids, const Clock &clock, Done done)
    : m_question{ { user, groups }, false }
    , m_ids(std::move(ids))
    , m_clock(clock)
    , m_done(std::move(done))
{
}

void RedisInboxMarking::step(RedisHistory &history, Ended ended)
{
    if (!m_isChosen || m_written == m_found.size()) {
        look(history, ended);
        return;
    }
    history.run(scripts::markRead(), inboxscripts::markArguments(m_question.query.user, m_found, m_written),
        [self = shared_from_this(), ended](
            const Result<RedisReply> &reply) { self->end(self->tookMarked(reply), ended); });
}

void RedisInboxMarking::look(RedisHistory &history, const Ended &ended)
{
    history.run(scripts::inboxIndex(), inboxscripts::indexArguments(m_question, m_place, m_index),
        [self = shared_from_this(), ended](
            const Result<RedisReply> &reply) { self->end(self->tookIndex(reply), ended); });
}

Status RedisInboxMarking::tookIndex(const Result<RedisReply> &reply)
{
    if (!reply)
        return reply.error();
    if (const Status status = inboxscripts::readIndex(*reply, m_clock.utc(), m_place, m_index); !status)
        return status;
    if (!m_place.isAtEnd(m_question))
        return ok();
    if (!m_isChosen) {
        choose();
        return ok();
    }
    m_left = std::min(m_left + qint64(unread().size()), kMaxUnreadPerUser);
    m_isOver = true;
    return ok();
}

/// The unread ones that have been met, each once, oldest first.
std::vector<InboxEntry> RedisInboxMarking::unread() const
{
    return unreadOf(m_index.inboxes, m_clock.utc());
}

/// What is to be marked; what comes after that is looked for at the end.
void RedisInboxMarking::choose()
{
    m_found = unread();
    m_left = qint64(m_found.size());
    if (m_ids) {
        const QSet<QString> wanted(m_ids->begin(), m_ids->end());
        std::erase_if(m_found, [&wanted](const InboxEntry &entry) { return !wanted.contains(entry.id); });
    }
    m_left -= qint64(m_found.size());
    m_isChosen = true;
    m_question.above = m_index.last;
    m_place = {};
    m_index = {};
}

Status RedisInboxMarking::tookMarked(const Result<RedisReply> &reply)
{
    if (!reply)
        return reply.error();
    const Result<QStringList> marked = inboxscripts::readMarked(*reply, m_found, m_written);
    if (!marked)
        return marked.error();
    m_marked += *marked;
    m_written = std::min(m_found.size(), m_written + size_t(inboxscripts::kMarksPortion));
    return ok();
}

void RedisInboxMarking::end(const Status &status, const Ended &ended)
{
    if (!status)
        m_done(status.error());
    else if (m_isOver)
        m_done(std::pair(m_marked, m_left));
    ended(!status || m_isOver);
}

} // namespace gatehouse
