-- SPDX-License-Identifier: GPL-3.0-or-later
-- Says that a node lives, and clears away those that are dead.
-- KEYS: nodes; the node; its counts by address, by user; grants
-- ARGV: run, name, version, url, start
-- Answer: { the node was known, nodes that live, there are grants }

local nodeLifetime = 20 -- s; admissionscripts::kNodeLifetime

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - nodeLifetime * 1000)
for _, run in ipairs(dead) do
    redis.call('ZREM', KEYS[1], run)
    if run ~= ARGV[1] then
        redis.call('UNLINK', 'gatehouse:node:' .. run, 'gatehouse:open:a:' .. run, 'gatehouse:open:u:' .. run)
    end
end
local known = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], 'name', ARGV[2], 'version', ARGV[3], 'url', ARGV[4], 'start', ARGV[5])
for i = 2, 4 do redis.call('EXPIRE', KEYS[i], nodeLifetime) end
return { known, redis.call('ZCARD', KEYS[1]), redis.call('EXISTS', KEYS[5]) }
