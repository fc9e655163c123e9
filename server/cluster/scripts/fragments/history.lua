-- SPDX-License-Identifier: GPL-3.0-or-later
-- The guard of each script of the history: it does nothing on a server whose newest run is another server's, so that
-- nothing is written into a run by a node that has not noticed.
-- ARGV: the server's run id comes first
-- Leaves: mark (of the run), last (the last sequence), largestSequence, textOf(number)

--#include sequences.lua
local run = redis.call('LINDEX', 'gatehouse:runs', -1)
local last = tonumber(redis.call('GET', 'gatehouse:seq') or '')
local mark = run and string.match(run, '^(%d+):%d+:%d+:[01]$')
if not mark or not last or redis.call('GET', 'gatehouse:server') ~= ARGV[1] then
    return { 'stale' }
end
if last < 0 or last > largestSequence then
    return redis.error_reply('ERR gatehouse:seq is no sequence')
end
