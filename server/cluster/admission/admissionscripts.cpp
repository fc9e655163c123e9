// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/admissionscripts.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse::admissionscripts {

namespace {

constexpr char kNodes[] = "gatehouse:nodes";
constexpr char kGrants[] = "gatehouse:grants";

// An entry of a list of attempts is the moment of one, or "first:last:how many" of several that were joined.
constexpr char kAttempts[] = R"(
local function parse(entry)
    local moment = tonumber(entry)
    if moment then return moment, moment, 1 end
    local first, last, count = string.match(entry, '^(%d+):(%d+):(%d+)$')
    return tonumber(first) or 0, tonumber(last) or 0, tonumber(count) or 0
end
)";

// KEYS: nodes, own counts by address, by user, attempts of the bucket, grants
// ARGV: run, bucket ('': not counted), user, then limit (-1: not judged) and whether it is enforced of: address,
// attempts, user;
//       whether budget is used
// Answer: admitted, open of the address, attempts, ms until there is budget, open of the user, budget spared, counted
// at, grants, nodes A joined entry counts from its last attempt, and joins no more than 36 s: up to 1 % of the window
// too long, never too short.
constexpr char kAdmit[] = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local run, bucket, user = ARGV[1], ARGV[2], ARGV[3]
local nodes = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now - 20000), '+inf')
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
local spared = counts and hasGrants == 1 and (tonumber(redis.call('HGET', KEYS[5], bucket) or '0') or 0) > 0
counts = counts and not spared
local left, newest = 0, nil
if counts then
    local list = redis.call('LRANGE', KEYS[4], 0, -1)
    local gone, total, live = 0, 0, {}
    for i, entry in ipairs(list) do
        local first, last, count = parse(entry)
        if #live == 0 and last + 3600000 <= now then
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
                result[4] = entry[1] + 3600000 - now
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
if bucket ~= '' and redis.call('HINCRBY', KEYS[2], bucket, 1) == 1 then redis.call('EXPIRE', KEYS[2], 20) end
if redis.call('HINCRBY', KEYS[3], user, 1) == 1 then redis.call('EXPIRE', KEYS[3], 20) end
if spared then
    result[6] = 1
    if redis.call('HINCRBY', KEYS[5], bucket, -1) <= 0 then redis.call('HDEL', KEYS[5], bucket) end
elseif counts then
    result[7] = now
    if left >= 32 and now - newest[1] < 36000 then
        redis.call('LSET', KEYS[4], -1, newest[1] .. ':' .. now .. ':' .. (newest[3] + 1))
    else
        redis.call('RPUSH', KEYS[4], now)
    end
    redis.call('PEXPIRE', KEYS[4], 3600000)
end
return result
)";

// KEYS: own counts by address, by user, attempts of the bucket, grants
// ARGV: bucket ('': not counted), user, counted at (0: no budget was used), whether a grant was used, whether it is
// counted
constexpr char kTakeBack[] = R"(
local function less(key, field)
    if redis.call('HINCRBY', key, field, -1) <= 0 then redis.call('HDEL', key, field) end
end
local isCounted = ARGV[5] == '1'
if isCounted then less(KEYS[2], ARGV[2]) end
if ARGV[1] == '' then return 1 end
if isCounted then less(KEYS[1], ARGV[1]) end
if ARGV[4] == '1' then
    redis.call('HINCRBY', KEYS[4], ARGV[1], 1)
    if redis.call('TTL', KEYS[4]) < 0 then redis.call('EXPIRE', KEYS[4], 300) end
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
)";

// KEYS: own counts by address, by user
// ARGV: how many addresses, the addresses, the users
constexpr char kRelease[] = R"(
local addresses = tonumber(ARGV[1])
for i = 2, #ARGV do
    local key = i <= addresses + 1 and KEYS[1] or KEYS[2]
    if redis.call('HINCRBY', key, ARGV[i], -1) <= 0 then redis.call('HDEL', key, ARGV[i]) end
end
return 1
)";

// KEYS: counts by address, by user
// ARGV: how many addresses, address and count of each, user and count of each
constexpr char kSetCounts[] = R"(
local addresses = tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
    local key = i < 2 + 2 * addresses and KEYS[1] or KEYS[2]
    if ARGV[i + 1] == '0' then
        redis.call('HDEL', key, ARGV[i])
    else
        redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    end
end
redis.call('EXPIRE', KEYS[1], 20)
redis.call('EXPIRE', KEYS[2], 20)
return 1
)";

// KEYS: counts by address, by user, and what takes the place of each
constexpr char kAdoptCounts[] = R"(
for i = 1, 2 do
    if redis.call('EXISTS', KEYS[i + 2]) == 1 then
        redis.call('RENAME', KEYS[i + 2], KEYS[i])
        redis.call('EXPIRE', KEYS[i], 20)
    else
        redis.call('DEL', KEYS[i])
    end
end
return 1
)";

// KEYS: nodes, the node, its counts by address, by user, grants
// ARGV: run, name, version, url, start
// Answer: whether the node was known, how many live, whether there are grants
constexpr char kHeartbeat[] = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - 20000)
for _, run in ipairs(dead) do
    redis.call('ZREM', KEYS[1], run)
    if run ~= ARGV[1] then
        redis.call('UNLINK', 'gatehouse:node:' .. run, 'gatehouse:open:a:' .. run, 'gatehouse:open:u:' .. run)
    end
end
local known = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], 'name', ARGV[2], 'version', ARGV[3], 'url', ARGV[4], 'start', ARGV[5])
for i = 2, 4 do redis.call('EXPIRE', KEYS[i], 20) end
return { known, redis.call('ZCARD', KEYS[1]), redis.call('EXISTS', KEYS[5]) }
)";

// KEYS: nodes, the node, its counts by address, by user
constexpr char kLeave[] = R"(
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
return 1
)";

// KEYS: grants. ARGV: bucket and number of each
constexpr char kGrant[] = R"(
for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], 300)
return 1
)";

QByteArray withAttempts(const char *script)
{
    return QByteArray(kAttempts) + script;
}

QByteArray flag(bool value)
{
    return value ? QByteArrayLiteral("1") : QByteArrayLiteral("0");
}

void appendRule(QByteArrayList &arguments, const LimitSnapshot &snapshot, LimitKey key)
{
    const LimitValue &rule = snapshot.limits[key];
    const bool isJudged = snapshot.isGuarding && rule.mode != LimitMode::Off;
    arguments << QByteArray::number(isJudged ? rule.value : -1) << flag(rule.mode == LimitMode::Enforce);
}

QByteArray attemptsKey(const SharedAttempt &attempt)
{
    return "gatehouse:attempts:" + (attempt.bucket ? bucketName(*attempt.bucket) : QByteArray("none"));
}

} // namespace

CountKeys CountKeys::of(const QByteArray &run)
{
    return { "gatehouse:open:a:" + run, "gatehouse:open:u:" + run };
}

QByteArray bucketName(const AddressKey &bucket)
{
    return bucket.toAddress().bucketText().toLatin1();
}

const RedisScript &admit()
{
    static const RedisScript script(withAttempts(kAdmit).constData());
    return script;
}

Call admitCall(const QByteArray &run, const SharedAttempt &attempt)
{
    const CountKeys own = CountKeys::of(run);
    Call call;
    call.keys = { kNodes, own.addresses, own.users, attemptsKey(attempt), kGrants };
    call.arguments = { run, attempt.bucket ? bucketName(*attempt.bucket) : QByteArray(), attempt.user.toUtf8() };
    appendRule(call.arguments, *attempt.snapshot, LimitKey::MaxConnectionsPerIp);
    appendRule(call.arguments, *attempt.snapshot, LimitKey::MaxReconnectAttempts);
    appendRule(call.arguments, *attempt.snapshot, LimitKey::MaxConnectionsPerUser);
    call.arguments << flag(attempt.usesBudget);
    return call;
}

std::optional<AdmitAnswer> readAdmitReply(const RedisReply &reply, const SharedAttempt &attempt)
{
    constexpr size_t kValues = 9;
    if (!reply.isArray() || reply.elements.size() != kValues)
        return std::nullopt;
    std::array<qint64, kValues> values{};
    std::transform(reply.elements.begin(), reply.elements.end(), values.begin(),
        [](const RedisReply &value) { return value.toInteger(-1); });
    const auto [isAdmitted, openOfAddress, attempts, wait, openOfUser, isSpared, countedAt, hasGrants, nodes] = values;
    AdmitAnswer answer;
    answer.hasGrants = hasGrants == 1;
    answer.nodes = std::max<qint64>(1, nodes);
    SharedVerdict &verdict = answer.verdict;
    verdict.kind = isAdmitted == 1 ? SharedVerdict::Kind::Admitted : SharedVerdict::Kind::Refused;
    verdict.sparedBudget = isSpared == 1;
    verdict.countedAt = countedAt;
    const auto judge = [&](Reason reason, LimitKey key, qint64 used, qint64 millis) {
        const LimitValue &rule = attempt.snapshot->limits[key];
        if (used >= rule.value)
            verdict.exceeded.push_back({ reason, key, rule.value, used + 1, std::chrono::milliseconds(millis),
                rule.mode == LimitMode::Enforce });
    };
    judge(Reason::TooManyConnections, LimitKey::MaxConnectionsPerIp, openOfAddress, 0);
    judge(Reason::TooManyReconnects, LimitKey::MaxReconnectAttempts, attempts, wait);
    judge(Reason::TooManyUserConnections, LimitKey::MaxConnectionsPerUser, openOfUser, 0);
    const bool saysWhy = !verdict.exceeded.empty() && verdict.exceeded.back().isEnforced;
    if (verdict.kind == SharedVerdict::Kind::Refused && !saysWhy)
        return std::nullopt;
    return answer;
}

const RedisScript &takeBack()
{
    static const RedisScript script(withAttempts(kTakeBack).constData());
    return script;
}

Call takeBackCall(const QByteArray &run, const SharedAttempt &attempt, const SharedVerdict &verdict, bool isCounted)
{
    const CountKeys own = CountKeys::of(run);
    return { { own.addresses, own.users, attemptsKey(attempt), kGrants },
        { attempt.bucket ? bucketName(*attempt.bucket) : QByteArray(), attempt.user.toUtf8(),
            QByteArray::number(verdict.countedAt), flag(verdict.sparedBudget), flag(isCounted) } };
}

const RedisScript &release()
{
    static const RedisScript script(kRelease);
    return script;
}

Call releaseCall(const CountKeys &keys, const QByteArrayList &buckets, const QByteArrayList &users)
{
    return { { keys.addresses, keys.users }, QByteArrayList{ QByteArray::number(buckets.size()) } + buckets + users };
}

const RedisScript &setCounts()
{
    static const RedisScript script(kSetCounts);
    return script;
}

Call setCountsCall(const CountKeys &keys, const CountRows &buckets, const CountRows &users)
{
    Call call{ { keys.addresses, keys.users }, { QByteArray::number(buckets.size()) } };
    for (const CountRows *rows : { &buckets, &users }) {
        for (const auto &[field, count] : *rows)
            call.arguments << field << QByteArray::number(count);
    }
    return call;
}

const RedisScript &adoptCounts()
{
    static const RedisScript script(kAdoptCounts);
    return script;
}

Call adoptCountsCall(const CountKeys &keys)
{
    const CountKeys next = keys.next();
    return { { keys.addresses, keys.users, next.addresses, next.users }, {} };
}

const RedisScript &heartbeat()
{
    static const RedisScript script(kHeartbeat);
    return script;
}

Call heartbeatCall(const NodeIdentity &node)
{
    const QByteArray run = node.run.toLatin1();
    const CountKeys own = CountKeys::of(run);
    return { { kNodes, "gatehouse:node:" + run, own.addresses, own.users, kGrants },
        { run, node.name.toUtf8(), node.version.toUtf8(), node.url.toUtf8(),
            QByteArray::number(qint64(node.startedAt.time_since_epoch().count())) } };
}

std::optional<HeartbeatAnswer> readHeartbeatReply(const RedisReply &reply)
{
    if (!reply.isArray() || reply.elements.size() != 3)
        return std::nullopt;
    return HeartbeatAnswer{ reply.elements[0].toInteger() == 1, std::max<qint64>(1, reply.elements[1].toInteger(1)),
        reply.elements[2].toInteger() == 1 };
}

const RedisScript &leave()
{
    static const RedisScript script(kLeave);
    return script;
}

Call leaveCall(const QByteArray &run)
{
    const CountKeys own = CountKeys::of(run);
    return { { kNodes, "gatehouse:node:" + run, own.addresses, own.users }, { run } };
}

const RedisScript &grant()
{
    static const RedisScript script(kGrant);
    return script;
}

Call grantCall(const AddressCounts &counts, size_t from, size_t most)
{
    Call call{ { kGrants }, {} };
    for (size_t i = from; i < std::min(counts.size(), from + most); ++i)
        call.arguments << bucketName(counts[i].first) << QByteArray::number(counts[i].second);
    return call;
}

} // namespace gatehouse::admissionscripts
