-- SPDX-License-Identifier: GPL-3.0-or-later
-- Judges an attempt to connect for all nodes and, where it is admitted, enters it.
-- KEYS: nodes; this node's counts by address, by user; attempts of the client; grants
-- ARGV: run; bucket ('': no address is counted); user; then a limit (-1: not judged) and whether it is enforced ('1'), of
--   the address, the attempts and the user; whether budget is used ('1');
--   the client; how long the window of attempts is (ms)
-- Answer: { admitted, open of the address, attempts, ms until there is budget, open of the user, budget was spared,
--   counted at, there are grants, nodes that live }; -1 for what was not looked at
--
-- From mostSingle attempts on, an attempt is joined to the entry before it. A joined entry counts from its last attempt
-- and covers 1 % of the window at most: so it counts that much too long, never too short.

--#include attempts.lua
local nodeLifetime = 20 -- s; admissionscripts::kNodeLifetime
local mostSingle = 32 -- attempts of a client that are entries of their own
local attemptWindow = tonumber(ARGV[12])
local longestJoined = attemptWindow / 100 -- ms from the first to the last attempt of an entry

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local run, bucket, user, client = ARGV[1], ARGV[2], ARGV[3], ARGV[11]
local nodes = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now - nodeLifetime * 1000), '+inf')
local function open(kind, own, field)
    local sum = tonumber(redis.call('HGET', own, field) or '0') or 0
    for _, node in ipairs(nodes) do
        if node ~= run then
            sum = sum + (tonumber(redis.call('HGET', 'gatehouse:open:' .. kind .. ':' .. node, field) or '0') or 0)
        end
    end
    return sum
end
local function rule(at) return tonumber(ARGV[at]), ARGV[at + 1] == '1' end
local hasGrants = redis.call('EXISTS', KEYS[5])
local result = { 0, -1, -1, 0, -1, 0, 0, hasGrants, #nodes }

local addressLimit, addressEnforced = rule(4)
if bucket ~= '' and addressLimit >= 0 then
    result[2] = open('a', KEYS[2], bucket)
    if addressEnforced and result[2] >= addressLimit then return result end
end

local attemptLimit, attemptEnforced = rule(6)
local counts = bucket ~= '' and attemptLimit >= 0 and ARGV[10] == '1'
local spared = counts and hasGrants == 1 and (tonumber(redis.call('HGET', KEYS[5], client) or '0') or 0) > 0
counts = counts and not spared
local left, newest = 0, nil
if counts then
    local list = redis.call('LRANGE', KEYS[4], 0, -1)
    local gone, total, live = 0, 0, {}
    for i, entry in ipairs(list) do
        local first, last, count = parse(entry)
        if #live == 0 and last + attemptWindow <= now then
            gone = i
        else
            total = total + count
            live[#live + 1] = { last, count }
            newest = { first, last, count }
        end
    end
    if gone > 0 then redis.call('LTRIM', KEYS[4], gone, -1) end
    left = #live
    result[3] = total
    if total >= attemptLimit then
        local toExpire = total - attemptLimit + 1
        for _, entry in ipairs(live) do
            toExpire = toExpire - entry[2]
            if toExpire <= 0 then
                result[4] = entry[1] + attemptWindow - now
                break
            end
        end
        if attemptEnforced then return result end
    end
end

local userLimit, userEnforced = rule(8)
if userLimit >= 0 then
    result[5] = open('u', KEYS[3], user)
    if userEnforced and result[5] >= userLimit then return result end
end

result[1] = 1
if bucket ~= '' and redis.call('HINCRBY', KEYS[2], bucket, 1) == 1 then redis.call('EXPIRE', KEYS[2], nodeLifetime) end
if redis.call('HINCRBY', KEYS[3], user, 1) == 1 then redis.call('EXPIRE', KEYS[3], nodeLifetime) end
if spared then
    result[6] = 1
    if redis.call('HINCRBY', KEYS[5], client, -1) <= 0 then redis.call('HDEL', KEYS[5], client) end
elseif counts then
    result[7] = now
    if left >= mostSingle and now - newest[1] < longestJoined then
        redis.call('LSET', KEYS[4], -1, newest[1] .. ':' .. now .. ':' .. (newest[3] + 1))
    else
        redis.call('RPUSH', KEYS[4], now)
    end
    redis.call('PEXPIRE', KEYS[4], attemptWindow)
end
return result
