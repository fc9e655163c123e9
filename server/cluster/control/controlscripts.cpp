// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/control/controlscripts.h"

namespace gatehouse::controlscripts {

const RedisScript &append()
{
    static const RedisScript script(R"lua(
if redis.call('HEXISTS', KEYS[2], 'begun') == 0 then
    return {-1}
end
local version = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if not version then
    return redis.error_reply('ERR gatehouse:control:version holds no number for ' .. ARGV[1])
end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= version then
    return {0, version}
end
version = version + 1
redis.call('XADD', KEYS[1], 'MAXLEN', '~', '20000', '*', 'k', ARGV[1], 'v', version, 'n', ARGV[3], 'p', ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], version)
for i = 5, #ARGV, 2 do
    if ARGV[i + 1] == '' then
        redis.call('HDEL', KEYS[3], ARGV[i])
    else
        redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
    end
end
return {1, version}
)lua");
    return script;
}

const RedisScript &load()
{
    static const RedisScript script(R"lua(
if redis.call('HEXISTS', KEYS[2], 'begun') == 0 then
    return {}
end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local answer = {last[1] and last[1][1] or '0-0'}
for i = 2, #KEYS do
    answer[i] = redis.call('HGETALL', KEYS[i])
end
return answer
)lua");
    return script;
}

const RedisScript &seed()
{
    static const RedisScript script(R"lua(
if redis.call('HEXISTS', KEYS[2], 'begun') == 1 then
    return 0
end
redis.call('DEL', unpack(KEYS))
local at = 2
for k = 3, #KEYS do
    redis.call('HSET', KEYS[2], ARGV[at], 1)
    local count = tonumber(ARGV[at + 1])
    at = at + 2
    for _ = 1, count do
        redis.call('HSET', KEYS[k], ARGV[at], ARGV[at + 1])
        at = at + 2
    end
end
redis.call('XADD', KEYS[1], '*', 'k', 'audit', 'v', 1, 'n', ARGV[1], 'p', '{}')
redis.call('HSET', KEYS[2], 'begun', 1)
return 1
)lua");
    return script;
}

} // namespace gatehouse::controlscripts
