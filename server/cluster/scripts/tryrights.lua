-- SPDX-License-Identifier: GPL-3.0-or-later
-- Tells whether a node may do what its scripts do: every kind of command of theirs, once. SET is the first: it takes the place of anything, and a
-- Redis whose memory is full refuses only the first write of a script.
-- KEYS: a key of which nothing is left
-- ARGV: none
-- Answer: 1, or the error of the command that is refused, with its name

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
