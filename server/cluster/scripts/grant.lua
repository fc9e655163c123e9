-- SPDX-License-Identifier: GPL-3.0-or-later
-- Lets clients come back to any node without using budget.
-- KEYS: grants
-- ARGV: client and number of each
-- Answer: 1

local grantLifetime = 300 -- s; ReconnectGrants::kLifetime

for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], grantLifetime)
return 1
