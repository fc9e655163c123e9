// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisconnection.h"

#include <algorithm>
#include <vector>

#include "server/base/onthread.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

Error downError(const QString &reason)
{
    return { u"Redis is away: "_s + reason, rediserrors::kDown };
}

} // namespace

RedisConnection::RedisConnection(
    const Clock &clock, std::chrono::milliseconds deadAfter, qsizetype maxReplyBytes, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_deadAfter(deadAfter)
    , m_socket(this)
    , m_reader(maxReplyBytes)
    , m_timer(this)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &RedisConnection::look);
    connect(&m_socket, &RedisSocket::opened, this, &RedisConnection::opened);
    connect(&m_socket, &RedisSocket::received, this, &RedisConnection::take);
    connect(&m_socket, &RedisSocket::failed, this, &RedisConnection::close);
}

void RedisConnection::open(const RedisTarget &target)
{
    m_socket.open(target);
}

void RedisConnection::send(const QByteArrayList &command, Done done, std::chrono::milliseconds deadline)
{
    if (m_isClosed || m_waiting.size() >= kMostWaiting) {
        const QString reason = m_isClosed ? u"the connection has ended"_s : u"too many calls wait for it"_s;
        postTo(*this, [done = std::move(done), reason] { done(downError(reason)); });
        return;
    }
    if (m_out.isEmpty())
        postTo(*this, [this] { flush(); });
    m_out += encodeRedisCommand(command);
    const MonoTime now = m_clock.monotonic();
    if (m_waiting.empty())
        m_aliveAt = now;
    const quint64 id = m_nextId++;
    m_waiting.push_back({ id, std::move(done), now + deadline, deadline });
    m_deadlines.emplace(now + deadline, id);
    if (m_deadlines.begin()->second == id || m_waiting.size() == 1)
        armTimer();
}

void RedisConnection::flush()
{
    if (!m_isClosed && !m_out.isEmpty())
        m_socket.write(std::exchange(m_out, {}));
}

void RedisConnection::take(const QByteArray &bytes)
{
    m_aliveAt = m_clock.monotonic();
    m_reader.feed(bytes);
    while (!m_isClosed) {
        const auto answer = m_reader.next();
        if (!answer)
            return close(answer.error().message);
        if (!*answer)
            break;
        takeOne(**answer);
    }
    if (!m_isClosed)
        armTimer();
}

bool RedisConnection::isMessage(const RedisAnswer &answer) const
{
    return m_messages && answer && answer->isArray() && answer->elements.size() == 3
        && answer->elements[0].text == "message";
}

void RedisConnection::takeOne(const RedisAnswer &answer)
{
    if (isMessage(answer))
        return m_messages(answer->elements[1].text, answer->elements[2].text);
    if (m_waiting.empty()) {
        // Before it closes, Redis may say why.
        return close(answer ? u"an answer came that nobody asked for"_s : answer.error().message.left(200));
    }
    const Waiting first = std::move(m_waiting.front());
    m_waiting.pop_front();
    if (first.done) {
        m_deadlines.erase({ first.due, first.id });
        first.done(answer);
    }
}

void RedisConnection::look()
{
    m_socket.catchUp(); // where the whole thread was held up, the answer may be here already: it is not late then
    if (m_isClosed)
        return;
    const MonoTime now = m_clock.monotonic();
    expire(now);
    if (m_isClosed)
        return;
    if (!m_waiting.empty() && deadAt() <= now)
        return close(u"it has not answered for %1 ms"_s.arg(std::max(m_deadAfter, m_waiting.front().deadline).count()));
    armTimer();
}

void RedisConnection::expire(MonoTime now)
{
    std::vector<Done> late;
    while (!m_deadlines.empty() && m_deadlines.begin()->first <= now) {
        Waiting &waiting = m_waiting[size_t(m_deadlines.begin()->second - m_waiting.front().id)];
        late.push_back(std::exchange(waiting.done, {}));
        m_deadlines.erase(m_deadlines.begin());
    }
    for (const Done &done : late)
        done(Error{ u"Redis did not answer in time"_s, rediserrors::kLate });
}

MonoTime RedisConnection::deadAt() const
{
    return m_aliveAt + std::max(m_deadAfter, m_waiting.front().deadline);
}

void RedisConnection::armTimer()
{
    if (m_waiting.empty())
        return m_timer.stop();
    MonoTime next = deadAt();
    if (!m_deadlines.empty())
        next = std::min(next, m_deadlines.begin()->first);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - m_clock.monotonic());
    m_timer.start(std::max(left, std::chrono::milliseconds(0)));
}

void RedisConnection::close(const QString &reason)
{
    if (m_isClosed)
        return;
    const auto waiting = std::exchange(m_waiting, {});
    abandon();
    for (const Waiting &each : waiting) {
        if (each.done)
            each.done(downError(reason));
    }
    Q_EMIT closed(reason);
}

void RedisConnection::abandon()
{
    m_isClosed = true;
    m_timer.stop();
    m_socket.abort();
    m_waiting.clear();
    m_deadlines.clear();
    m_out.clear();
}

} // namespace gatehouse
