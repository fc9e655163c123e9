-- SPDX-License-Identifier: GPL-3.0-or-later
-- Takes over a portion of the inboxes of a state file, in its order, each notification once: how far the state file has been
-- taken over is written in the same moment. They enter the inboxes, not the streams: who is connected is not told of what
-- may be old.
-- KEYS: none; the keys are named after what is taken over
-- ARGV: the server's run id (history.lua); the state file; retention of inboxes (ms); then 'e': that was all, 'u' and a user
--   who is known from here on, or 'n' and a notification: its sequence in the state file, JSON, id, created (ms), expires (ms, 0: never), life
--   (ms, 0: it is over), number of targets, targets, number of readers, readers
-- Answer: { 'taken', mark of the run, the last sequence before, the last sequence of the state file that is here, how many
--   notifications were new, up to which sequence it is here with all its users (-1: none) }, or { 'stale' }

--#include history.lua
local longMemory = 400 * 86400 -- seconds: how long it is known that something was there

local origin, retention = ARGV[2], ARGV[3]
local done = tonumber(redis.call('HGET', 'gatehouse:moved', origin) or '0') or 0
local complete = tonumber(redis.call('HGET', 'gatehouse:moved', origin .. ':complete') or '-1') or -1
local sequence, count, reached = last, 0, done
local i = 4

local function enter(json, id, created, expires, life, targets, first)
    sequence, count = sequence + 1, count + 1
    local number = textOf(sequence)
    redis.call('SET', 'gatehouse:notification:' .. number, json, 'PX', life)
    if targets > 1 then redis.call('SET', 'gatehouse:notification:' .. number .. ':inboxes', targets, 'PX', life) end
    local member = id .. ':' .. created .. ':' .. expires .. ':' .. (targets > 1 and '1' or '0')
    for t = first, first + targets - 1 do
        redis.call('ZADD', 'gatehouse:inbox:' .. ARGV[t], number, member)
        redis.call('PEXPIRE', 'gatehouse:inbox:' .. ARGV[t], retention)
        redis.call('SET', 'gatehouse:last:' .. ARGV[t], number, 'EX', longMemory)
    end
    local readers = tonumber(ARGV[first + targets])
    for r = first + targets + 1, first + targets + readers do
        redis.call('ZADD', 'gatehouse:read:' .. ARGV[r], number, number)
        redis.call('PEXPIRE', 'gatehouse:read:' .. ARGV[r], retention)
    end
end

while i <= #ARGV do
    if ARGV[i] == 'e' then
        complete = reached
        i = i + 1
    elseif ARGV[i] == 'u' then
        -- One who has come to a node meanwhile was known before that.
        local key = 'gatehouse:user:' .. ARGV[i + 1]
        local since = tonumber(redis.call('GET', key) or '')
        if not since or since > sequence then redis.call('SET', key, textOf(sequence)) end
        i = i + 2
    else
        local own, targets = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 7])
        local first = i + 8
        if own > done and ARGV[i + 6] ~= '0' then
            enter(ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], targets, first)
        end
        reached = math.max(reached, own)
        i = first + targets + 1 + tonumber(ARGV[first + targets])
    end
end
if count > 0 then redis.call('SET', 'gatehouse:seq', textOf(sequence)) end
redis.call('HSET', 'gatehouse:moved', origin, textOf(reached), origin .. ':complete', textOf(complete))
return { 'taken', mark, textOf(last), textOf(reached), count, textOf(complete) }
