// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisadvice.h"

#include "server/redis/redishandshake.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Every kind of command that the scripts of a node use, on one key that is gone at the end. SET is the first: it takes
/// the place of anything, and a Redis whose memory is full refuses only the first write of a script.
constexpr char kTryCommands[] = R"(
local key = KEYS[1]
local tries = {
    { 'SET', key, '1' }, { 'GET', key }, { 'STRLEN', key }, { 'DECR', key }, { 'EXISTS', key }, { 'EXPIRE', key, '1' }, { 'PEXPIRE', key, '1000' },
    { 'TTL', key }, { 'PTTL', key }, { 'RENAME', key, key }, { 'GETDEL', key },
    { 'HSET', key, 'f', '1' }, { 'HINCRBY', key, 'f', '1' }, { 'HGET', key, 'f' }, { 'HMGET', key, 'f' },
    { 'HEXISTS', key, 'f' }, { 'HGETALL', key }, { 'HKEYS', key }, { 'HSCAN', key, '0' }, { 'HDEL', key, 'f' },
    { 'ZADD', key, '1', 'm' }, { 'ZCARD', key }, { 'ZSCORE', key, 'm' }, { 'ZMSCORE', key, 'm' },
    { 'ZRANGE', key, '0', '-1' }, { 'ZRANGEBYSCORE', key, '0', '1' }, { 'ZREVRANGEBYSCORE', key, '1', '0' },
    { 'ZRANDMEMBER', key }, { 'ZREM', key, 'm' },
    { 'RPUSH', key, '1' }, { 'LRANGE', key, '0', '-1' }, { 'LINDEX', key, '0' }, { 'LSET', key, '0', '1' },
    { 'LREM', key, '1', '0' }, { 'LTRIM', key, '1', '0' },
    { 'XADD', key, '1-1', 'f', '1' }, { 'XRANGE', key, '-', '+' }, { 'XREVRANGE', key, '+', '-' },
    { 'XLEN', key },
    { 'XGROUP', 'CREATE', key, 'g', '0' }, { 'XINFO', 'GROUPS', key },
    { 'XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', key, '>' }, { 'XAUTOCLAIM', key, 'g', 'c', '0', '0' },
    { 'XINFO', 'CONSUMERS', key, 'g' }, { 'XGROUP', 'DELCONSUMER', key, 'g', 'nobody' },
    { 'XACK', key, 'g', '1-1' }, { 'XDEL', key, '1-1' }, { 'UNLINK', key }, { 'DEL', key }, { 'TIME' },
}
for _, command in ipairs(tries) do
    local reply = redis.pcall(unpack(command))
    if type(reply) == 'table' and reply.err then
        redis.pcall('DEL', key)
        return redis.error_reply(string.gsub(reply.err, '[\r\n]', ' ') .. ' (' .. command[1] .. ')')
    end
end
return 1
)";

} // namespace

QStringList redisWarnings(const QByteArray &info)
{
    QStringList warnings;
    if (redisInfoValue(info, "aof_enabled") == "0")
        warnings.append(u"appendonly is off: a restart of Redis loses what was published last"_s);
    const QString policy = QString::fromLatin1(redisInfoValue(info, "maxmemory_policy"));
    const bool isBounded = redisInfoValue(info, "maxmemory").toLongLong() > 0;
    if (isBounded && !policy.isEmpty() && policy != "noeviction"_L1)
        warnings.append(u"maxmemory-policy is %1: Redis forgets when its memory is full; use noeviction"_s.arg(policy));
    return warnings;
}

void warnOfRedisSettings(RedisCalls &redis, Log &log)
{
    redis.call({ "INFO" }, [&log](const RedisAnswer &answer) {
        if (!answer)
            return;
        for (const QString &warning : redisWarnings(answer->text))
            log.log(LogLevel::Warning, "redis_setting"_L1, { { "detail"_L1, warning } });
    });
}

std::vector<QByteArrayList> redisRightsProbes()
{
    return {
        { "EVAL", kTryCommands, "1", "gatehouse:check" },
        { "PUBLISH", "gatehouse:check", "" },
        { "XREAD", "COUNT", "1", "STREAMS", "gatehouse:check", "$" },
        { "TIME" },
    };
}

std::optional<QString> missingRight(const QString &refusal)
{
    // Before Redis 7 what a script was refused with stands within the text.
    if (!refusal.contains("NOPERM"_L1) && !refusal.contains("can't run this command"_L1)
        && !refusal.contains("can't access"_L1))
        return std::nullopt;
    return u"the user in REDIS_URL may not do what a node does (it needs ~gatehouse:* &gatehouse:* +@all): %1"_s.arg(
        refusal.left(200));
}

} // namespace gatehouse
