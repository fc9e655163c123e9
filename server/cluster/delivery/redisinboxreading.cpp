// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/redisinboxreading.h"

#include <algorithm>
#include <utility>

#include "server/cluster/scripts/scripts.h"

namespace gatehouse {

RedisInboxReading::RedisInboxReading(InboxQuery query, const Clock &clock, Done done, Refused refused)
    : m_question{ std::move(query) }
    , m_clock(clock)
    , m_done(std::move(done))
    , m_refused(std::move(refused))
{
}

void RedisInboxReading::step(RedisHistory &history, Ended ended)
{
    if (!m_merge) {
        history.run(scripts::inboxIndex(), inboxscripts::indexArguments(m_question, m_place, m_index),
            [self = shared_from_this(), &history, ended](
                const Result<RedisReply> &reply) { self->end(self->tookIndex(history, reply), ended); });
        return;
    }
    const qint64 maxBytes = std::min(InboxMerge::kContentBytes - m_contents.bytes, inboxscripts::kContentsPortionBytes);
    const QByteArrayList arguments
        = inboxscripts::contentsArguments(m_merge->toRead(), m_contents.notifications.size(), maxBytes);
    history.run(scripts::inboxContents(), arguments,
        [self = shared_from_this(), ended, asked = arguments.size() - 1, maxBytes](
            const Result<RedisReply> &reply) { self->end(self->tookContents(reply, asked, maxBytes), ended); });
}

/// Whether it is over, or what is wrong.
Result<bool> RedisInboxReading::tookIndex(RedisHistory &history, const Result<RedisReply> &reply)
{
    if (!reply)
        return reply.error();
    if (const Status status = inboxscripts::readIndex(*reply, m_clock.utc(), m_place, m_index); !status)
        return status.error();
    history.saw(m_index.last);
    if (!m_place.isAtEnd(m_question))
        return false;
    m_merge.emplace(m_index, m_question.query, m_clock.utc());
    return m_merge->toRead().empty() ? finish() : false;
}

Result<bool> RedisInboxReading::tookContents(const Result<RedisReply> &reply, qsizetype asked, qint64 maxBytes)
{
    if (!reply)
        return reply.error();
    const size_t had = m_contents.notifications.size();
    if (const Status status = inboxscripts::readContents(*reply, asked, m_contents); !status)
        return status.error();
    // A portion that is full may be followed by another one; one that has nothing has met the list's end.
    const bool isListFull = m_contents.isFull
        && (maxBytes < inboxscripts::kContentsPortionBytes || m_contents.notifications.size() == had);
    return isListFull || m_contents.notifications.size() >= m_merge->toRead().size() ? finish() : false;
}

bool RedisInboxReading::finish()
{
    if (!m_contents.refusal.isEmpty())
        m_refused(m_contents.refusal);
    m_done(m_merge->finish(std::move(m_contents)));
    return true;
}

void RedisInboxReading::end(const Result<bool> &isOver, const Ended &ended)
{
    if (!isOver)
        m_done(isOver.error());
    ended(!isOver || *isOver);
}

} // namespace gatehouse
