// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <set>

#include <QtCore/QTimer>

#include "server/redis/rediscalls.h"
#include "server/redis/redisprotocol.h"
#include "server/redis/redissocket.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// One connection to a Redis server or a Sentinel, from its beginning to its end: calls are sent in their order (those
/// of one turn of the event loop with one write) and matched with the answers. It ends by itself when the socket fails,
/// what comes is no answer, or nothing at all has come for deadAfter although an answer is due. One thread; owned by
/// who makes it, who deletes it later and never within a callback.
class RedisConnection final : public QObject
{
    Q_OBJECT
public:
    using Done = RedisCalls::Done;
    using MessageHandler = std::function<void(const QByteArray &channel, const QByteArray &payload)>;
    static constexpr size_t kMostWaiting
        = 50'000; ///< calls without an answer: more are not sent, so that memory is bounded

    /// `clock` outlives it.
    RedisConnection(
        const Clock &clock, std::chrono::milliseconds deadAfter, qsizetype maxReplyBytes, QObject *parent = nullptr);
    Q_DISABLE_COPY_MOVE(RedisConnection)

    /// Once.
    void open(const RedisTarget &target);
    /// `done` is called once, later; with kLate after `deadline`, and whatever comes after that is passed over.
    void send(const QByteArrayList &command, Done done, std::chrono::milliseconds deadline);
    /// What is published on channels that were subscribed to.
    void setMessageHandler(MessageHandler handler) { m_messages = std::move(handler); }
    /// Hands over to the kernel what has been sent since the event loop turned; by itself when it turns again.
    void flush();
    /// Ends it: calls that wait get kDown, then closed() is emitted.
    void close(const QString &reason);
    /// Ends it without a word: calls that wait are never answered.
    void abandon();
    /// Whether an answer is due.
    [[nodiscard]] bool isWaiting() const { return !m_waiting.empty(); }

Q_SIGNALS:
    void opened();
    void closed(const QString &reason);

private:
    struct Waiting
    {
        quint64 id = 0;
        Done done; ///< empty once the deadline has passed
        MonoTime due;
        std::chrono::milliseconds deadline{};
    };

    void take(const QByteArray &bytes);
    void takeOne(const RedisAnswer &answer);
    [[nodiscard]] bool isMessage(const RedisAnswer &answer) const;
    void look();
    void expire(MonoTime now);
    void armTimer();
    [[nodiscard]] MonoTime deadAt() const;

    const Clock &m_clock;
    const std::chrono::milliseconds m_deadAfter;
    RedisSocket m_socket;
    RedisReplyReader m_reader;
    MessageHandler m_messages;
    QTimer m_timer;                                     ///< for the earliest deadline
    QByteArray m_out;                                   ///< of this turn of the event loop
    std::deque<Waiting> m_waiting;                      ///< in the order of sending; their ids are consecutive
    std::set<std::pair<MonoTime, quint64>> m_deadlines; ///< of those that have a `done`, with their ids
    quint64 m_nextId = 0;
    MonoTime m_aliveAt; ///< when the oldest call began to wait, or anything came since
    bool m_isClosed = false;
};

} // namespace gatehouse
