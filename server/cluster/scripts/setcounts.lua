-- SPDX-License-Identifier: GPL-3.0-or-later
-- Says what the node counts, whatever Redis held.
-- KEYS: counts by address, by user
-- ARGV: how many addresses; address and count of each; user and count of each
-- Answer: 1

local nodeLifetime = 20 -- s; admissionscripts::kNodeLifetime

local addresses = tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
    local key = i < 2 + 2 * addresses and KEYS[1] or KEYS[2]
    if ARGV[i + 1] == '0' then
        redis.call('HDEL', key, ARGV[i])
    else
        redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    end
end
redis.call('EXPIRE', KEYS[1], nodeLifetime)
redis.call('EXPIRE', KEYS[2], nodeLifetime)
return 1
