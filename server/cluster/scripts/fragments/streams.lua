-- SPDX-License-Identifier: GPL-3.0-or-later
-- What both scripts that read the streams begin with. A key that is no stream, because somebody wrote to it, counts as
-- empty: the others are still read.
-- Leaves: lastStream, value(command, ...): false for an error; last (the last sequence), run (the newest one)

local lastStream = 15 -- kStreamShards - 1
local function value(command, ...)
    local reply = redis.pcall(command, ...)
    if type(reply) == 'table' and reply.err then return false end
    return reply
end
local last = value('GET', 'gatehouse:seq') or '0'
local run = value('LINDEX', 'gatehouse:runs', -1) or ''
