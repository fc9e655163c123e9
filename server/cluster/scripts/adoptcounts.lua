-- SPDX-License-Identifier: GPL-3.0-or-later
-- Puts counts that were gathered elsewhere in the place of all that Redis held of the node.
-- KEYS: counts by address, by user; what takes the place of each
-- ARGV: none
-- Answer: 1

local nodeLifetime = 20 -- s; admissionscripts::kNodeLifetime

for i = 1, 2 do
    if redis.call('EXISTS', KEYS[i + 2]) == 1 then
        redis.call('RENAME', KEYS[i + 2], KEYS[i])
        redis.call('EXPIRE', KEYS[i], nodeLifetime)
    else
        redis.call('DEL', KEYS[i])
    end
end
return 1
