-- SPDX-License-Identifier: GPL-3.0-or-later
-- Joins the history's run, or begins the next one where the newest run belongs to another server or to a lower sequence.
-- KEYS: none; the keys are gatehouse:seq, gatehouse:runs, gatehouse:server
-- ARGV: the server's run id; a mark for a run that begins; the highest sequence that this node knows of; how many sequences
--   a new run leaves out; how many runs are remembered
-- Answer: { mark, the last sequence, whether the run was begun here }

--#include sequences.lua
local seen, step = tonumber(ARGV[3]), tonumber(ARGV[4])
local last = tonumber(redis.call('GET', 'gatehouse:seq') or '')
local run = redis.call('LINDEX', 'gatehouse:runs', -1)
local mark, begin, base, lost
if run then
    mark, begin, base, lost = string.match(run, '^(%d+):(%d+):(%d+):([01])$')
end
if last and (last < 0 or last > largestSequence) then
    return redis.error_reply('ERR gatehouse:seq is no sequence')
end
if mark and last and seen <= last and redis.call('GET', 'gatehouse:server') == ARGV[1] then
    -- Another node began this run. If this one knows of numbers between the runs, what they stood for is lost.
    if lost == '0' and seen > tonumber(begin) and seen < tonumber(base) then
        redis.call('LSET', 'gatehouse:runs', -1, mark .. ':' .. begin .. ':' .. base .. ':1')
    end
    return { mark, textOf(last), 0 }
end
begin = last or 0
lost = seen > begin and '1' or '0'
base = textOf(math.max(begin, seen, tonumber(base or 0)) + step)
redis.call('RPUSH', 'gatehouse:runs', ARGV[2] .. ':' .. textOf(begin) .. ':' .. base .. ':' .. lost)
redis.call('LTRIM', 'gatehouse:runs', -tonumber(ARGV[5]), -1)
redis.call('SET', 'gatehouse:seq', base)
redis.call('SET', 'gatehouse:server', ARGV[1])
return { ARGV[2], base, 1 }
