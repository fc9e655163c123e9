-- SPDX-License-Identifier: GPL-3.0-or-later
-- Takes an entry out of gatehouse:publish, and its group: it has been published, or is about to be.
-- KEYS: none; the key is gatehouse:publish
-- ARGV: group; entry
-- Answer: 1, or 0 if the entry is gone

local key = 'gatehouse:publish'
local taken = redis.call('XDEL', key, ARGV[2]) -- first: one that cannot be deleted is to stay handed out, and comes again
redis.call('XACK', key, ARGV[1], ARGV[2])
return taken
