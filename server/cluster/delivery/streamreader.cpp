// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/streamreader.h"

#include <utility>

#include <QtCore/QPointer>

#include "server/base/onthread.h"
#include "server/cluster/scripts/scripts.h"
#include "server/notify/notificationmessages.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

Delivery toDelivery(StreamedNotification &&entry)
{
    QByteArray message = notificationMessage(entry.json, { entry.run, entry.sequence });
    return { std::move(entry.to), std::move(message), entry.sequence, false, entry.expiresAt };
}

} // namespace

StreamReader::StreamReader(RedisCalls &calls, Arrived arrived, const Clock &clock, Log &log, QObject *parent)
    : QObject(parent)
    , m_calls(calls)
    , m_arrived(std::move(arrived))
    , m_clock(clock)
    , m_log(log)
    , m_retry(this)
{
    m_retry.setSingleShot(true);
    m_retry.setInterval(kRetry);
    connect(&m_retry, &QTimer::timeout, this, [this] {
        if (m_hasPositions)
            read();
        else
            findEnds(false);
    });
}

template <typename F> auto StreamReader::ofThisLink(F callback)
{
    // The link may answer its last calls when this object is gone.
    return
        [self = QPointer(this), callback = std::move(callback), connection = m_connection](const auto &...arguments) {
            if (self && connection == self->m_connection)
                callback(arguments...);
        };
}

void StreamReader::linkUp()
{
    ++m_connection;
    m_retry.stop();
    m_cannotWait = false;
    findEnds(false);
}

void StreamReader::findEnds(bool isSkipping)
{
    m_calls.run(scripts::streamEnds(), {}, {}, ofThisLink([this, isSkipping](const Result<RedisReply> &reply) {
        if (reply)
            foundEnds(*reply, isSkipping);
        else if (reply.error().field != rediserrors::kDown)
            retryLater();
    }),
        kReadDeadline);
}

void StreamReader::foundEnds(const RedisReply &reply, bool isSkipping)
{
    const Result<streamreply::Ends> ends = streamreply::readEnds(reply);
    if (!ends) {
        m_log.log(LogLevel::Error, "streams_unreadable"_L1, { { "error"_L1, ends.error().message } });
        retryLater();
        return;
    }
    StreamProgress progress;
    if (!m_hasPositions || isSkipping) {
        // Who connected before this moment has a list that may not know of what was published since.
        progress.missedAfter = m_hasPositions ? m_order.position() : Cursor{ ends->run.mark, 0 };
        if (m_hasPositions)
            sayMissed(*progress.missedAfter);
        m_positions = ends->positions;
        m_hasPositions = true;
        m_order.restart(ends->last, ends->run.mark);
    }
    // A replica that took over may end before what its master had. New entries there come after its own end.
    for (size_t shard = 0; shard < m_positions.size(); ++shard) {
        if (streamreply::isBefore(ends->positions[shard], m_positions[shard]))
            m_positions[shard] = ends->positions[shard];
    }
    handOn(std::move(progress), false);
}

void StreamReader::read()
{
    m_calls.run(scripts::readStreams(), {}, streamreply::readArguments(m_positions),
        ofThisLink([this](const Result<RedisReply> &reply) { answered(reply); }), kReadDeadline);
}

void StreamReader::waitAndRead()
{
    QByteArrayList wait{ "XREAD", "COUNT", "1", "BLOCK", QByteArray::number(qint64(kBlock.count())), "STREAMS" };
    for (int shard = 0; shard < kStreamShards; ++shard)
        wait.append("gatehouse:stream:" + QByteArray::number(shard));
    for (const QByteArray &position : m_positions)
        wait.append(position);
    const auto woken = [this](const Result<RedisReply> &reply) {
        m_cannotWait = !reply && reply.error().field == rediserrors::kRefused;
    };
    m_calls.call(std::move(wait), ofThisLink(woken), kBlock + kReadDeadline);
    // Already there when the wait ends, so that it costs no further way to Redis and back.
    m_calls.run(scripts::readStreams(), {}, streamreply::readArguments(m_positions),
        ofThisLink([this](const Result<RedisReply> &reply) { answered(reply); }), kBlock + kReadDeadline);
}

void StreamReader::answered(const Result<RedisReply> &reply)
{
    if (!reply) {
        if (reply.error().field != rediserrors::kDown)
            retryLater();
        return;
    }
    Result<streamreply::Read> read = streamreply::readAnswer(*reply, m_positions);
    if (!read) {
        m_log.log(LogLevel::Error, "streams_unreadable"_L1, { { "error"_L1, read.error().message } });
        retryLater();
        return;
    }
    m_counts.entries.fetch_add(read->entries, std::memory_order_relaxed);
    const bool isComplete = read->answer.isComplete;
    const qint64 last = read->answer.last;
    StreamProgress progress = m_order.take(std::move(read->answer));
    if (progress.missedAfter)
        sayMissed(*progress.missedAfter);
    m_counts.behind.store(std::max<qint64>(last - m_order.position().sequence, 0), std::memory_order_relaxed);
    sayRefused(read->refused, m_order.refused() - std::exchange(m_refusedByOrder, m_order.refused()));
    handOn(std::move(progress), isComplete);
}

void StreamReader::handOn(StreamProgress progress, bool isComplete)
{
    StreamBatch batch;
    batch.missedAfter = progress.missedAfter;
    for (size_t i = 0; i < progress.deliveries.size(); ++i) {
        const bool isAfter = progress.missedAfter && i >= progress.beforeMissed;
        (isAfter ? batch.afterMissed : batch.deliveries).push_back(toDelivery(std::move(progress.deliveries[i])));
    }
    if (batch.isEmpty()) {
        goOn(isComplete);
        return;
    }
    const auto onThisThread = ofThisLink([this, isComplete] { goOn(isComplete); });
    m_arrived(std::move(batch), [self = QPointer(this), onThisThread] {
        if (self)
            postTo(*self, onThisThread);
    });
}

void StreamReader::goOn(bool isComplete)
{
    if (!isComplete && (m_order.waiting() > kMostWaiting || m_order.waitingBytes() > kMostWaitingBytes))
        findEnds(true);
    else if (!isComplete)
        read();
    else if (m_cannotWait)
        retryLater();
    else
        waitAndRead();
}

void StreamReader::retryLater()
{
    m_retry.start();
}

void StreamReader::sayMissed(Cursor after)
{
    m_counts.missed.fetch_add(1, std::memory_order_relaxed);
    m_log.log(LogLevel::Warning, "streams_trimmed"_L1,
        { { "after"_L1, after.sequence },
            { "detail"_L1, u"came too late for a part of the streams; the clients get it from their inboxes"_s } });
}

void StreamReader::sayRefused(const QStringList &refused, qint64 byOrder)
{
    const qint64 count = refused.size() + byOrder;
    if (count == 0)
        return;
    m_counts.refused.fetch_add(count, std::memory_order_relaxed);
    m_unsaid += count;
    if (!m_pause.isOver(m_clock.monotonic()))
        return;
    m_log.log(LogLevel::Warning, "stream_entries_refused"_L1,
        { { "entries"_L1, std::exchange(m_unsaid, 0) },
            { "detail"_L1,
                refused.isEmpty() ? u"a sequence that is not theirs, or came already"_s : refused.first() } });
}

} // namespace gatehouse
