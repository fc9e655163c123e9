-- SPDX-License-Identifier: GPL-3.0-or-later
-- Marks notifications as read.
-- KEYS: none; the keys are named after the user and the groups
-- ARGV: the server's run id (history.lua); the user; now (ms); retention (ms); 'ids' or 'all'; number of groups; groups; ids
-- Answer: { 'marked', how many are left unread, ids that were unread }, or { 'stale' }

--#include history.lua
local latest = 253402300800000 -- ms; the end of the year 9999, inboxscripts::kLatestMillis
local mostLookedAt = 1300 -- of an inbox, the newest: the publish script leaves no more

local user, now, retention, groups = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6])
local readKey = 'gatehouse:read:' .. user
local since = tonumber(redis.call('GET', 'gatehouse:user:' .. user) or '') or last
local unread, seen = {}, {}
local function look(target, from)
    local members = redis.call('ZREVRANGEBYSCORE', 'gatehouse:inbox:' .. target, '+inf', '(' .. textOf(from), 'WITHSCORES',
        'LIMIT', 0, mostLookedAt)
    local sequences = {}
    for i = 2, #members, 2 do sequences[#sequences + 1] = members[i] end
    local marks = #sequences > 0 and redis.call('ZMSCORE', readKey, unpack(sequences)) or {}
    for i, sequence in ipairs(sequences) do
        local id, created, expires = string.match(members[2 * i - 1], '^(%w+):(%d+):(%d+):[01]$')
        created, expires = tonumber(created or 0), tonumber(expires or 0)
        if created > latest then created = 0 end -- nothing of ours
        if not marks[i] and not seen[sequence] and created + retention > now and (expires == 0 or expires > now) then
            seen[sequence] = true
            unread[#unread + 1] = { tonumber(sequence), id }
        end
    end
end
look('u:' .. user, 0)
look('all', since)
for i = 7, 6 + groups do look('g:' .. ARGV[i], since) end
table.sort(unread, function(one, two) return one[1] < two[1] end)
local wanted = {}
for i = 7 + groups, #ARGV do wanted[ARGV[i]] = true end
local answer = { 'marked', 0 }
for _, entry in ipairs(unread) do
    if ARGV[5] == 'all' or wanted[entry[2]] then
        answer[#answer + 1] = entry[2]
        local number = textOf(entry[1])
        redis.call('ZADD', readKey, number, number)
    end
end
local marked = #answer - 2
if marked > 0 then
    redis.call('PEXPIRE', readKey, retention)
    -- Marks of what is gone go too. A look at random ones, twice as many as were added, keeps them fewer than those needed.
    for _, number in ipairs(redis.call('ZRANDMEMBER', readKey, 2 * marked + 8)) do
        if redis.call('EXISTS', 'gatehouse:notification:' .. number) == 0 then redis.call('ZREM', readKey, number) end
    end
end
answer[2] = #unread - marked
return answer
