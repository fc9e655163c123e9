-- SPDX-License-Identifier: GPL-3.0-or-later
-- Reads what all streams have beyond some places, in bounds, and the history's last sequence, in one moment.
-- KEYS: none; the keys are the streams
-- ARGV: most entries of a stream; most bytes of the answer; most bytes of an entry; the place in each stream
-- Answer: { last sequence, newest run, whether that was all, { entries of each stream } }. An entry that is too large comes
--   without its fields.

--#include streams.lua
local most, room, bound = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local streams, complete = {}, 1
for shard = 0, lastStream do
    local taken = {}
    local reply = value('XREAD', 'COUNT', most, 'STREAMS', 'gatehouse:stream:' .. shard, ARGV[4 + shard])
    local entries = reply and reply[1][2] or {}
    if #entries == most then complete = 0 end
    for _, entry in ipairs(entries) do
        local bytes = 0
        for _, text in ipairs(entry[2]) do bytes = bytes + #text end
        if bytes > bound then
            entry[2], bytes = {}, 0
        end
        if bytes > room then
            complete = 0
            break
        end
        room = room - bytes
        taken[#taken + 1] = entry
    end
    streams[shard + 1] = taken
end
return { last, run, complete, streams }
