-- SPDX-License-Identifier: GPL-3.0-or-later
-- Appends a change to the control log and carries it out on the items of its kind, if the version is still the one that it
-- was made from.
-- KEYS: log; versions; items of the kind
-- ARGV: kind; expected version ('': any); node; payload; then of each item its id and itself ('': delete it)
-- Answer: { 1, version }, { 0, the version that there is }, or { -1 }: nothing is there

local mostEntries = 20000 -- of the log, about

if redis.call('HEXISTS', KEYS[2], 'begun') == 0 then
    return {-1}
end
local version = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if not version then
    return redis.error_reply('ERR gatehouse:control:version holds no number for ' .. ARGV[1])
end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= version then
    return {0, version}
end
version = version + 1
redis.call('XADD', KEYS[1], 'MAXLEN', '~', mostEntries, '*', 'k', ARGV[1], 'v', version, 'n', ARGV[3], 'p', ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], version)
for i = 5, #ARGV, 2 do
    if ARGV[i + 1] == '' then
        redis.call('HDEL', KEYS[3], ARGV[i])
    else
        redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
    end
end
return {1, version}
