// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/redishistory.h"

#include <algorithm>

#include <QtCore/QRandomGenerator>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxAttempts = 3; // nodes that notice the same at once settle it in one or two

// ARGV: the server's run id, a mark for a run that begins, the highest sequence that this node knows of, the step, the
// most runs.
constexpr const char *kJoin = R"lua(
local seen, step = tonumber(ARGV[3]), tonumber(ARGV[4])
local last = tonumber(redis.call('GET', 'gatehouse:seq') or '')
local run = redis.call('LINDEX', 'gatehouse:runs', -1)
local mark, begin, base, lost
if run then
    mark, begin, base, lost = string.match(run, '^(%d+):(%d+):(%d+):([01])$')
end
if last and (last < 0 or last > 4503599627370496) then
    return redis.error_reply('ERR gatehouse:seq is no sequence')
end
local function textOf(number) return string.format('%.0f', number) end
if mark and last and seen <= last and redis.call('GET', 'gatehouse:server') == ARGV[1] then
    -- Another node began this run. If this one knows of numbers between the runs, what they stood for is lost.
    if lost == '0' and seen > tonumber(begin) and seen < tonumber(base) then
        redis.call('LSET', 'gatehouse:runs', -1, mark .. ':' .. begin .. ':' .. base .. ':1')
    end
    return { mark, textOf(last), 0 }
end
begin = last or 0
lost = seen > begin and '1' or '0'
base = textOf(math.max(begin, seen, tonumber(base or 0)) + step)
redis.call('RPUSH', 'gatehouse:runs', ARGV[2] .. ':' .. textOf(begin) .. ':' .. base .. ':' .. lost)
redis.call('LTRIM', 'gatehouse:runs', -tonumber(ARGV[5]), -1)
redis.call('SET', 'gatehouse:seq', base)
redis.call('SET', 'gatehouse:server', ARGV[1])
return { ARGV[2], base, 1 }
)lua";

const RedisScript &joinScript()
{
    static const RedisScript script(kJoin);
    return script;
}

bool isStale(const Result<RedisReply> &reply)
{
    return reply && reply->isArray() && !reply->elements.empty() && reply->elements[0].isText()
        && reply->elements[0].text == "stale";
}

constexpr const char *kGuard = R"lua(
local run = redis.call('LINDEX', 'gatehouse:runs', -1)
local last = tonumber(redis.call('GET', 'gatehouse:seq') or '')
local mark = run and string.match(run, '^(%d+):%d+:%d+:[01]$')
if not mark or not last or redis.call('GET', 'gatehouse:server') ~= ARGV[1] then
    return { 'stale' }
end
if last < 0 or last > 4503599627370496 then
    return redis.error_reply('ERR gatehouse:seq is no sequence')
end
local function textOf(number) return string.format('%.0f', number) end
)lua";

} // namespace

RedisHistory::RedisHistory(RedisCalls &calls, Log &log)
    : m_calls(calls)
    , m_log(log)
{
}

RedisScript RedisHistory::script(const char *body)
{
    const QByteArray source = QByteArray(kGuard) + body;
    return RedisScript(source.constData());
}

void RedisHistory::join(const QByteArray &serverRunId)
{
    m_server = serverRunId;
    const quint32 mark = QRandomGenerator::system()->bounded(1U, 0xFFFFFFFFU);
    m_calls.run(joinScript(), {},
        { m_server, QByteArray::number(mark), QByteArray::number(m_seen), QByteArray::number(kRunStep),
            QByteArray::number(kMaxRuns) },
        [this](const Result<RedisReply> &reply) { joined(reply); });
}

void RedisHistory::joined(const Result<RedisReply> &reply)
{
    if (!reply) {
        m_log.log(LogLevel::Warning, "history_not_joined"_L1, { { "error"_L1, reply.error().message } });
        return;
    }
    const std::vector<RedisReply> &parts = reply->elements;
    const qint64 mark = parts.size() == 3 ? parts[0].toInteger() : 0;
    if (mark <= 0 || mark > 0xFFFFFFFFLL) {
        m_log.log(
            LogLevel::Error, "history_not_joined"_L1, { { "error"_L1, u"gatehouse:runs is not a list of runs"_s } });
        return;
    }
    m_mark.store(quint32(mark), std::memory_order_relaxed);
    saw(parts[1].toInteger());
    if (parts[2].toInteger() == 1)
        m_log.log(LogLevel::Info, "history_run_began"_L1,
            { { "run"_L1, QString::number(mark, 16) }, { "sequence"_L1, parts[1].toInteger() } });
}

void RedisHistory::saw(qint64 sequence)
{
    if (sequence <= kLargestSequence)
        m_seen = std::max(m_seen, sequence);
}

void RedisHistory::run(
    const RedisScript &script, QByteArrayList arguments, RedisCalls::Done done, std::chrono::milliseconds deadline)
{
    tryToRun(script, arguments, done, deadline, 1);
}

void RedisHistory::tryToRun(const RedisScript &script, const QByteArrayList &arguments, const RedisCalls::Done &done,
    std::chrono::milliseconds deadline, int attempt)
{
    m_calls.run(
        script, {}, QByteArrayList{ m_server } + arguments,
        [this, &script, arguments, done, deadline, attempt](const Result<RedisReply> &reply) {
            if (!isStale(reply)) {
                done(reply);
            } else if (attempt == kMaxAttempts) {
                done(Error{ u"the history in Redis belongs to another server"_s, rediserrors::kDown });
            } else {
                join(m_server); // answered before what is asked next
                tryToRun(script, arguments, done, deadline, attempt + 1);
            }
        },
        deadline);
}

} // namespace gatehouse
