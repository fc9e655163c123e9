-- SPDX-License-Identifier: GPL-3.0-or-later
-- Publishes: takes the next sequences, stores the notifications, enters them into the inboxes, appends them to the streams
-- and remembers the Idempotency-Key, all or nothing. What may turn out to be wrong is looked at before anything is
-- written, since a script that fails is not undone.
-- KEYS: none; the keys are named after what is published
-- ARGV: the server's run id (history.lua); now (ms); retention of inboxes (ms), of keys (ms); size of an inbox; entries of
--   a stream; entry and group of gatehouse:publish ('': not from there); name ('': none), digest and ids of the key; then
--   for each notification: its JSON, id, created (ms), expires (ms, 0: never), life (ms), audience, stream, number of
--   targets, targets
-- Answer: { 'stored', mark of the run, the last sequence before }, { 'replayed', ids }, { 'refused' }: the key was used for
--   something else, { 'taken' }: the entry is gone, or { 'stale' }

--#include history.lua
local now, retention, keyRetention, bound = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local entry, group, keyName, digest, ids = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local slack = 200 -- an inbox is tidied when so many are too many, not at each publish
local longMemory = 400 * 86400 -- seconds: how long it is known that something is gone

local function removeEntry()
    if entry == '' then return end
    redis.call('XACK', 'gatehouse:publish', group, entry)
    redis.call('XDEL', 'gatehouse:publish', entry)
end

-- Takes out of an inbox what nobody will be shown any more.
local function tidy(target)
    local inbox = 'gatehouse:inbox:' .. target
    local members = redis.call('ZRANGE', inbox, 0, -1, 'WITHSCORES')
    local gone, kept, cut = {}, {}, 0
    for i = 1, #members, 2 do
        local created, expires = string.match(members[i], ':(%d+):(%d+):[01]$')
        created, expires = tonumber(created or 0), tonumber(expires or 0)
        if expires ~= 0 and expires <= now then
            gone[#gone + 1] = members[i]
        elseif created + retention <= now then
            gone[#gone + 1] = members[i]
            cut = tonumber(members[i + 1])
        else
            kept[#kept + 1] = i
        end
    end
    for k = 1, #kept - bound do
        local member, sequence = members[kept[k]], tonumber(members[kept[k] + 1])
        local content = 'gatehouse:notification:' .. textOf(sequence)
        gone[#gone + 1] = member
        cut = math.max(cut, sequence)
        local left = 0
        if string.sub(member, -1) == '1' then left = redis.pcall('DECR', content .. ':inboxes') end
        if type(left) ~= 'number' or left <= 0 then redis.call('DEL', content, content .. ':inboxes') end
    end
    for first = 1, #gone, 1000 do
        redis.call('ZREM', inbox, unpack(gone, first, math.min(first + 999, #gone)))
    end
    if cut > 0 then redis.call('SET', 'gatehouse:cut:' .. target, textOf(cut), 'EX', longMemory) end
end

if entry ~= '' and #redis.call('XRANGE', 'gatehouse:publish', entry, entry) == 0 then return { 'taken' } end
if keyName ~= '' then
    local used = redis.call('GET', 'gatehouse:key:' .. keyName)
    local at, earlier, answered = string.match(used or '', '^(%d+) (%x+) (.*)$')
    if at and tonumber(at) + keyRetention > now then
        if earlier ~= digest then return { 'refused' } end
        removeEntry()
        return { 'replayed', answered }
    end
end
local sizes = {}
local i, count = 12, 0
while i <= #ARGV do
    local shard = 'gatehouse:stream:' .. ARGV[i + 6]
    if not sizes[shard] then
        sizes[shard] = redis.pcall('XLEN', shard)
        if type(sizes[shard]) ~= 'number' then return redis.error_reply('WRONGTYPE ' .. shard .. ' is no stream') end
    end
    local targets = tonumber(ARGV[i + 7])
    for t = i + 8, i + 7 + targets do
        if not sizes[ARGV[t]] then
            local size = redis.pcall('ZCARD', 'gatehouse:inbox:' .. ARGV[t])
            if type(size) ~= 'number' then return redis.error_reply('WRONGTYPE an inbox is no sorted set: ' .. ARGV[t]) end
            sizes[ARGV[t]] = size
        end
    end
    i, count = i + 8 + targets, count + 1
end

removeEntry()
if keyName ~= '' then
    local value = ARGV[2] .. ' ' .. digest .. ' ' .. ids
    redis.call('SET', 'gatehouse:key:' .. keyName, value, 'PX', ARGV[4])
end
local sequence = last
i = 12
while i <= #ARGV do
    sequence = sequence + 1
    local number = textOf(sequence)
    local json, id, created, expires, life = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
    local targets = tonumber(ARGV[i + 7])
    redis.call('SET', 'gatehouse:notification:' .. number, json, 'PX', life)
    if targets > 1 then
        redis.call('SET', 'gatehouse:notification:' .. number .. ':inboxes', ARGV[i + 7], 'PX', life)
    end
    local isLasting = expires == '0' or tonumber(expires) - tonumber(created) > retention
    local member = id .. ':' .. created .. ':' .. expires .. ':' .. (targets > 1 and '1' or '0')
    for t = i + 8, i + 7 + targets do
        local target = ARGV[t]
        if sizes[target] == 0 then -- new, or all that was in it has become too old
            local before = redis.pcall('GET', 'gatehouse:last:' .. target)
            if type(before) == 'string' then redis.call('SET', 'gatehouse:cut:' .. target, before, 'EX', longMemory) end
        end
        redis.call('ZADD', 'gatehouse:inbox:' .. target, number, member)
        redis.call('PEXPIRE', 'gatehouse:inbox:' .. target, ARGV[3])
        if isLasting then redis.call('SET', 'gatehouse:last:' .. target, number, 'EX', longMemory) end
        sizes[target] = sizes[target] + 1
        if sizes[target] > bound + slack then
            tidy(target)
            sizes[target] = redis.call('ZCARD', 'gatehouse:inbox:' .. target)
        end
    end
    local item = { 's', number, 'n', json, 't', ARGV[i + 5], 'r', mark }
    if expires ~= '0' then
        item[9], item[10] = 'e', expires
    end
    redis.call('XADD', 'gatehouse:stream:' .. ARGV[i + 6], 'MAXLEN', '~', ARGV[6], '*', unpack(item))
    i = i + 8 + targets
end
if count > 0 then redis.call('SET', 'gatehouse:seq', textOf(sequence)) end
return { 'stored', mark, textOf(last) }
