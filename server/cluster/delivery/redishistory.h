// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "server/log/log.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// This node's part in the history that all nodes share in Redis: which run of it goes on (see README.md, Cursors). A
/// run belongs to one life of one Redis server. Scripts that read or write the history name the server that this node
/// means, and a server whose run is another's (it was restarted, took over, or lost everything) does nothing until a
/// node has begun the next run.
///
/// Used on the thread of the calls, but for mark().
class RedisHistory final
{
public:
    /// Numbers that a new run leaves out, so that none that was lost is given out again.
    static constexpr qint64 kRunStep = 1'000'000;
    static constexpr int kMaxRuns = 1000; ///< older ones are forgotten, and their cursors with them
    /// Up to here a number is exact in Lua.
    static constexpr qint64 kLargestSequence = qint64(1) << 52;

    /// Both outlive it.
    RedisHistory(RedisCalls &calls, Log &log);
    Q_DISABLE_COPY_MOVE(RedisHistory)

    /// Whenever the link has come up, before anything else is asked: `serverRunId` is RedisServer::runId.
    void join(const QByteArray &serverRunId);
    /// Runs a script that includes history.lua, and outlives the call; `arguments` are from ARGV[2] on. When it
    /// answers that its server's run is over, the next one is joined, or begun, and the script repeated.
    void run(const RedisScript &script, QByteArrayList arguments, RedisCalls::Done done,
        std::chrono::milliseconds deadline = RedisCalls::kDeadline);
    /// A number that was given out: no later run gives it out once more.
    void saw(qint64 sequence);
    /// Which run the cursors that are given out now belong to; 0 before the first. Any thread.
    [[nodiscard]] quint32 mark() const { return m_mark.load(std::memory_order_relaxed); }

private:
    void tryToRun(const RedisScript &script, const QByteArrayList &arguments, const RedisCalls::Done &done,
        std::chrono::milliseconds deadline, int attempt);
    void joined(const Result<RedisReply> &reply);

    RedisCalls &m_calls;
    Log &m_log;
    QByteArray m_server;
    qint64 m_seen = 0;
    std::atomic<quint32> m_mark{ 0 };
};

} // namespace gatehouse
