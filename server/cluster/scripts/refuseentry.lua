-- SPDX-License-Identifier: GPL-3.0-or-later
-- Moves an entry that cannot be published from gatehouse:publish to gatehouse:publish:refused.
-- KEYS: none; the keys are gatehouse:publish, gatehouse:publish:refused
-- ARGV: group; entry; reason; the field that is wrong; the beginning of what the entry holds
-- Answer: 1, or 0 if the entry is gone

local mostRefused = 1000 -- entries that are kept

local key = 'gatehouse:publish'
if #redis.call('XRANGE', key, ARGV[2], ARGV[2]) == 0 then return 0 end
redis.call('XADD', 'gatehouse:publish:refused', 'MAXLEN', '~', mostRefused, '*', 'entry', ARGV[2], 'reason', ARGV[3], 'field', ARGV[4],
    'content', ARGV[5])
redis.call('XACK', key, ARGV[1], ARGV[2])
redis.call('XDEL', key, ARGV[2])
return 1
