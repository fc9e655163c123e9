-- SPDX-License-Identifier: GPL-3.0-or-later
-- Begins the control plane with the state of one node, if nobody was first.
-- KEYS: log; versions; items of each kind
-- ARGV: node; then for each kind its name, the number of its items, and of each item its id and itself
-- Answer: 1, or 0: others were first

if redis.call('HEXISTS', KEYS[2], 'begun') == 1 then
    return 0
end
redis.call('DEL', unpack(KEYS))
local at = 2
for k = 3, #KEYS do
    redis.call('HSET', KEYS[2], ARGV[at], 1)
    local count = tonumber(ARGV[at + 1])
    at = at + 2
    for _ = 1, count do
        redis.call('HSET', KEYS[k], ARGV[at], ARGV[at + 1])
        at = at + 2
    end
end
redis.call('XADD', KEYS[1], '*', 'k', 'audit', 'v', 1, 'n', ARGV[1], 'p', '{}')
redis.call('HSET', KEYS[2], 'begun', 1)
return 1
