-- SPDX-License-Identifier: GPL-3.0-or-later
-- Marks notifications as read that the inboxes have named as unread (inboxindex.lua).
-- KEYS: none; the keys are named after the user
-- ARGV: the server's run id (history.lua); the user; retention (ms); sequences
-- Answer: { 'marked', for each sequence 1, or 0 if it was marked already }, or { 'stale' }

--#include history.lua
local readKey = 'gatehouse:read:' .. ARGV[2]
local answer = { 'marked' }
for i = 4, #ARGV do answer[#answer + 1] = redis.call('ZADD', readKey, ARGV[i], ARGV[i]) end
local marked = #answer - 1
redis.call('PEXPIRE', readKey, ARGV[3])
-- Marks of what is gone go too. A look at random ones, twice as many as were added, keeps them fewer than those needed.
for _, number in ipairs(redis.call('ZRANDMEMBER', readKey, 2 * marked + 8)) do
    if redis.call('EXISTS', 'gatehouse:notification:' .. number) == 0 then redis.call('ZREM', readKey, number) end
end
return answer
