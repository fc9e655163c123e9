// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/log/log.h"
#include "server/redis/rediscalls.h"
#include "server/redis/redisclock.h"

namespace gatehouse {

/// Asks Redis for its time, at once when the link has come up and every kInterval from then on, and tells the clock.
/// Says in the log when the own clock is off by more than kTold, and when it is right again. Lives on the link's
/// thread.
class RedisClockProbe final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kInterval{ 2000 };
    static constexpr std::chrono::milliseconds kTold{ 2000 };

    /// All outlive it.
    RedisClockProbe(RedisCalls &redis, RedisClock &clock, Log &log);

    void linkUp();
    /// Called by the timer.
    void ask();

private:
    void take(MonoTime sentAt, const RedisReply &reply);
    void tell();

    RedisCalls &m_redis;
    RedisClock &m_clock;
    Log &m_log;
    QTimer m_timer{ this };
    bool m_isOff = false; ///< and that has been told
};

} // namespace gatehouse
