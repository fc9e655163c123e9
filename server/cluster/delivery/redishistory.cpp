// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/redishistory.h"

#include <algorithm>

#include <QtCore/QRandomGenerator>

#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxAttempts = 3; // nodes that notice the same at once settle it in one or two

bool isStale(const Result<RedisReply> &reply)
{
    return reply && reply->isArray() && !reply->elements.empty() && reply->elements[0].isText()
        && reply->elements[0].text == "stale";
}

} // namespace

RedisHistory::RedisHistory(RedisCalls &calls, Log &log)
    : m_calls(calls)
    , m_log(log)
{
}

void RedisHistory::join(const QByteArray &serverRunId)
{
    m_server = serverRunId;
    const quint32 mark = QRandomGenerator::system()->bounded(1U, 0xFFFFFFFFU);
    m_calls.run(scripts::joinHistory(), {},
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
