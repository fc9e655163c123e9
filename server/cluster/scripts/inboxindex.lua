-- SPDX-License-Identifier: GPL-3.0-or-later
-- Says what was in the inboxes of a reader when the history had come to one sequence, a portion at a time, so that no reader
-- holds Redis for long. The first portion says which sequence that is, and may make the user known.
-- KEYS: none; the keys are named after the user and the groups
-- ARGV: the server's run id (history.lua); the user; mark and sequence of the cursor ('': none); whether the user becomes
--   known (1 or 0); the sequence after which entries count; most entries of this portion; then where it goes on ('' in each:
--   it begins): last sequence, the reader's first sight, the sequence that the cursor stands for ('': none), number of the
--   inbox, the largest sequence in it, how many of it were looked at; then the groups
-- Answer: { 'index', mark of the run, last sequence, sequence of the reader's first sight, 'unread' | 'after' | 'foreign',
--   the sequence that the cursor stands for, whether some were lost since, where it goes on (number of the inbox: as many as
--   there are at the end; sequence; looked at), then of each inbox that was looked at (user's, all's, groups') { unread, read,
--   floor } }, or { 'stale' }. Both lists are sequence and entry in turn, the newest first. The floor is said with an inbox's
--   end.

--#include history.lua
local mostLookedAt = 1300 -- of an inbox, the newest: the publish script leaves no more
local costOfInbox = 5 -- entries: what it takes to look at one that is empty

local user, above, left = ARGV[2], tonumber(ARGV[6]), tonumber(ARGV[7])
local upper, since, after = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local number, upTo, looked = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local isLost, state = 0, after and 'after' or 'unread'
if not upper then
    upper, number, upTo, looked = last, 0, last, 0
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
    since = tonumber(redis.call('GET', 'gatehouse:user:' .. user) or '')
    if not since then
        since = last
        if ARGV[5] == '1' then redis.call('SET', 'gatehouse:user:' .. user, textOf(since)) end
    end
end

local function floorOf(target, isEmpty)
    if not after then return '0' end
    local floor = redis.call('GET', 'gatehouse:cut:' .. target) or '0'
    if isEmpty and redis.call('EXISTS', 'gatehouse:inbox:' .. target) == 0 then
        floor = redis.call('GET', 'gatehouse:last:' .. target) or floor
    end
    return floor
end

local answer = { 'index', mark, textOf(upper), textOf(since), state, textOf(after or 0), isLost, 0, 0, 0 }
local count = #ARGV - 11 -- of the inboxes: two more than groups, which begin at the fourteenth
while number < count and left > 0 do
    local target, from = 'u:' .. user, 0
    if number == 1 then target, from = 'all', since end
    if number > 1 then target, from = 'g:' .. ARGV[12 + number], since end
    local most = math.min(left, mostLookedAt - looked)
    local members = redis.call('ZREVRANGEBYSCORE', 'gatehouse:inbox:' .. target, textOf(upTo),
        '(' .. textOf(math.max(from, above)), 'WITHSCORES', 'LIMIT', 0, most)
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
    looked, left = looked + #sequences, left - #sequences - costOfInbox
    if #sequences < most or looked >= mostLookedAt then
        floor = floorOf(target, looked == 0)
        number, upTo, looked = number + 1, upper, 0
    else
        upTo = tonumber(sequences[#sequences]) - 1
    end
    answer[#answer + 1] = { unread, read, floor }
end
answer[8], answer[9], answer[10] = number, textOf(upTo), looked
return answer
