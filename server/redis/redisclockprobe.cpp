// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisclockprobe.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

RedisClockProbe::RedisClockProbe(RedisCalls &redis, RedisClock &clock, Log &log)
    : m_redis(redis)
    , m_clock(clock)
    , m_log(log)
{
    m_timer.setInterval(kInterval);
    connect(&m_timer, &QTimer::timeout, this, &RedisClockProbe::ask);
}

void RedisClockProbe::linkUp()
{
    m_clock.forgetAnswers();
    m_timer.start();
    ask();
}

void RedisClockProbe::ask()
{
    if (!m_redis.isUp())
        return;
    const MonoTime sentAt = m_clock.monotonic();
    m_redis.call({ "TIME" }, [this, sentAt](const Result<RedisReply> &reply) {
        if (reply)
            take(sentAt, *reply);
    });
}

void RedisClockProbe::take(MonoTime sentAt, const RedisReply &reply)
{
    if (!reply.isArray() || reply.elements.size() != 2)
        return;
    bool areNumbers[2] = { false, false };
    const qint64 seconds = reply.elements[0].text.toLongLong(&areNumbers[0]);
    const qint64 micros = reply.elements[1].text.toLongLong(&areNumbers[1]);
    constexpr qint64 kLatestSeconds = 253'402'300'799; // the end of the year 9999
    if (!areNumbers[0] || !areNumbers[1] || seconds < 0 || seconds > kLatestSeconds || micros < 0
        || micros >= 1'000'000)
        return;
    m_clock.answered(sentAt, UtcTime(std::chrono::seconds(seconds)) + std::chrono::milliseconds(micros / 1000));
    tell();
}

void RedisClockProbe::tell()
{
    const std::chrono::milliseconds skew = m_clock.skew().value_or(std::chrono::milliseconds(0));
    const bool isOff = std::chrono::abs(skew) >= kTold;
    if (isOff == m_isOff)
        return;
    m_isOff = isOff;
    if (isOff)
        m_log.log(LogLevel::Warning, "clock_skew"_L1,
            { { "ahead_ms"_L1, qint64(skew.count()) },
                { "detail"_L1,
                    u"this machine's clock and Redis' differ: what nodes share goes by Redis', tokens by this one"_s } });
    else
        m_log.log(LogLevel::Info, "clock_agrees"_L1, { { "ahead_ms"_L1, qint64(skew.count()) } });
}

} // namespace gatehouse
