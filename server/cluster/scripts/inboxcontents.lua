-- SPDX-License-Identifier: GPL-3.0-or-later
-- Reads the contents of notifications, as many as fit: a portion of a list.
-- KEYS: none; the keys are named after the sequences
-- ARGV: the server's run id (history.lua); most bytes; sequences
-- Answer: { 'contents', one for each sequence }: the JSON, 0 if it is gone, 1 if it is something else; or { 'stale' }

--#include history.lua
local mostBytes = 65536 -- of one; what is longer is no notification

local answer, left = { 'contents' }, tonumber(ARGV[2])
for i = 3, #ARGV do
    local key = 'gatehouse:notification:' .. ARGV[i]
    local size = redis.pcall('STRLEN', key)
    if type(size) ~= 'number' or size > mostBytes then
        answer[#answer + 1] = 1
    elseif size == 0 then
        answer[#answer + 1] = 0
    else
        left = left - size - 1
        if left < 0 then break end
        answer[#answer + 1] = redis.call('GET', key)
    end
end
return answer
