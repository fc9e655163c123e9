-- SPDX-License-Identifier: GPL-3.0-or-later
-- Takes over entries of gatehouse:publish that a node has left undone, refuses those that are too large, and forgets
-- consumers of nodes that are gone, once they have left nothing undone.
-- KEYS: none; the keys are gatehouse:publish, gatehouse:publish:refused
-- ARGV: group; consumer; how long an entry must have been left undone (ms); from which one on; how many; most bytes of one
-- Answer: { from which one to go on, entries, how many were too large }

local longestIdle = 3600000 -- ms, of a consumer
local mostRefused = 1000 -- entries that are kept

local key, group, consumer = 'gatehouse:publish', ARGV[1], ARGV[2]
local reply = redis.call('XAUTOCLAIM', key, group, consumer, ARGV[3], ARGV[4], 'COUNT', ARGV[5])
local taken, large = {}, 0
for _, entry in ipairs(reply[2]) do
    local bytes = 0
    for _, text in ipairs(entry and entry[2] or {}) do bytes = bytes + #text end
    if bytes > tonumber(ARGV[6]) then
        redis.call('XADD', 'gatehouse:publish:refused', 'MAXLEN', '~', mostRefused, '*', 'entry', entry[1], 'field', '',
            'reason', 'the entry has ' .. bytes .. ' bytes; at most ' .. ARGV[6] .. ' are taken', 'content', '')
        redis.call('XACK', key, group, entry[1])
        redis.call('XDEL', key, entry[1])
        large = large + 1
    elseif entry and entry[2] then
        taken[#taken + 1] = entry
    end
end
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', key, group)) do
    local of = {}
    for i = 1, #info, 2 do of[info[i]] = info[i + 1] end
    if of.name ~= consumer and of.pending == 0 and of.idle > longestIdle then
        redis.call('XGROUP', 'DELCONSUMER', key, group, of.name)
    end
end
return { reply[1], taken, large }
