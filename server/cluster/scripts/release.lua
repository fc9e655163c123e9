-- SPDX-License-Identifier: GPL-3.0-or-later
-- Counts connections that have ended. A field may occur more than once.
-- KEYS: this node's counts by address, by user
-- ARGV: how many addresses; the addresses; the users
-- Answer: 1

local addresses = tonumber(ARGV[1])
for i = 2, #ARGV do
    local key = i <= addresses + 1 and KEYS[1] or KEYS[2]
    if redis.call('HINCRBY', key, ARGV[i], -1) <= 0 then redis.call('HDEL', key, ARGV[i]) end
end
return 1
