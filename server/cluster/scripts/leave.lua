-- SPDX-License-Identifier: GPL-3.0-or-later
-- Takes a node and its counts away.
-- KEYS: nodes; the node; its counts by address, by user
-- ARGV: run
-- Answer: 1

redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
return 1
