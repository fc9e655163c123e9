-- SPDX-License-Identifier: GPL-3.0-or-later
-- Reads the whole state of the control plane in one moment.
-- KEYS: log; versions; items of each kind
-- ARGV: none
-- Answer: { id of the log's last entry, versions, items of each kind }, or {}: nothing is there

if redis.call('HEXISTS', KEYS[2], 'begun') == 0 then
    return {}
end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local answer = {last[1] and last[1][1] or '0-0'}
for i = 2, #KEYS do
    answer[i] = redis.call('HGETALL', KEYS[i])
end
return answer
