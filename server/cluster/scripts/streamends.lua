-- SPDX-License-Identifier: GPL-3.0-or-later
-- Says where all streams end.
-- KEYS: none; the keys are the streams
-- ARGV: none
-- Answer: { last sequence, newest run, { id of the last entry of each stream } }

--#include streams.lua
local ends = {}
for shard = 0, lastStream do
    local info = value('XINFO', 'STREAM', 'gatehouse:stream:' .. shard)
    ends[shard + 1] = '0-0'
    for i = 1, info and #info or 0, 2 do
        if info[i] == 'last-generated-id' then ends[shard + 1] = info[i + 1] end
    end
end
return { last, run, ends }
