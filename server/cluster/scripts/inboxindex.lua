-- SPDX-License-Identifier: GPL-3.0-or-later
-- Says what is in the inboxes of a reader at one moment, and makes the user known.
-- KEYS: none; the keys are named after the user and the groups
-- ARGV: the server's run id (history.lua); the user; mark and sequence of the cursor ('': none); groups
-- Answer: { 'index', mark of the run, last sequence, sequence of the reader's first sight, 'unread' | 'after' | 'foreign',
--   the sequence that the cursor stands for, whether some were lost since, then of each inbox (user's, all's, groups')
--   { unread, read, floor } }, or { 'stale' }. Both lists are sequence and entry in turn, the newest first.

--#include history.lua
local mostLookedAt = 1300 -- of an inbox, the newest: the publish script leaves no more

local user = ARGV[2]
local after, isLost, state = nil, 0, 'unread'
if ARGV[3] ~= '' then
    state = 'foreign'
    local sequence, bound = tonumber(ARGV[4]), nil
    if ARGV[3] == mark then
        bound = last
    else
        local runs = redis.call('LRANGE', 'gatehouse:runs', 0, -1)
        for i = #runs - 1, 1, -1 do
            local begin, lost = string.match(runs[i + 1], '^%d+:(%d+):%d+:([01])$')
            if lost ~= '0' then isLost = 1 end
            if string.match(runs[i], '^(%d+):') == ARGV[3] then
                bound = tonumber(begin)
                break
            end
        end
    end
    if bound and sequence <= bound then
        after, state = sequence, 'after'
    end
end
local since = tonumber(redis.call('GET', 'gatehouse:user:' .. user) or '')
if not since then
    since = last
    redis.call('SET', 'gatehouse:user:' .. user, textOf(since))
end
local answer = { 'index', mark, textOf(last), textOf(since), state, textOf(after or 0), isLost }
local function look(target, from)
    local members = redis.call('ZREVRANGEBYSCORE', 'gatehouse:inbox:' .. target, '+inf', '(' .. textOf(from), 'WITHSCORES',
        'LIMIT', 0, mostLookedAt)
    local unread, read, sequences = {}, {}, {}
    for i = 2, #members, 2 do sequences[#sequences + 1] = members[i] end
    local marks = #sequences > 0 and redis.call('ZMSCORE', 'gatehouse:read:' .. user, unpack(sequences)) or {}
    for i, sequence in ipairs(sequences) do
        local list = unread
        if marks[i] then list = (after and tonumber(sequence) > after) and read or nil end
        if list then
            list[#list + 1] = sequence
            list[#list + 1] = members[2 * i - 1]
        end
    end
    local floor = '0'
    if after then
        floor = redis.call('GET', 'gatehouse:cut:' .. target) or '0'
        if #members == 0 and redis.call('EXISTS', 'gatehouse:inbox:' .. target) == 0 then
            floor = redis.call('GET', 'gatehouse:last:' .. target) or floor
        end
    end
    answer[#answer + 1] = { unread, read, floor }
end
look('u:' .. user, 0)
look('all', since)
for i = 5, #ARGV do look('g:' .. ARGV[i], since) end
return answer
