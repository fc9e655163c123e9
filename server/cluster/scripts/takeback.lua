-- SPDX-License-Identifier: GPL-3.0-or-later
-- Takes back an attempt that was admitted and is refused after all: gives budget and grant back and, where Redis still
-- counts the connection, its places.
-- KEYS: this node's counts by address, by user; attempts of the client; grants
-- ARGV: bucket ('': no address was counted); user; counted at (0: no budget was used); whether a grant was used ('1');
--   whether the connection is still counted ('1'); the client
-- Answer: 1

--#include attempts.lua
local grantLifetime = 300 -- s; ReconnectGrants::kLifetime

local function less(key, field)
    if redis.call('HINCRBY', key, field, -1) <= 0 then redis.call('HDEL', key, field) end
end
local isCounted = ARGV[5] == '1'
if isCounted then less(KEYS[2], ARGV[2]) end
if ARGV[1] == '' then return 1 end
if isCounted then less(KEYS[1], ARGV[1]) end
if ARGV[4] == '1' then
    redis.call('HINCRBY', KEYS[4], ARGV[6], 1)
    if redis.call('TTL', KEYS[4]) < 0 then redis.call('EXPIRE', KEYS[4], grantLifetime) end
end
local moment = tonumber(ARGV[3])
if moment == 0 then return 1 end
local list = redis.call('LRANGE', KEYS[3], 0, -1)
for i = #list, 1, -1 do
    local first, last, count = parse(list[i])
    if first <= moment and moment <= last then
        if count > 1 then
            redis.call('LSET', KEYS[3], i - 1, first .. ':' .. last .. ':' .. (count - 1))
        else
            redis.call('LREM', KEYS[3], -1, list[i])
        end
        break
    end
end
return 1
