// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/publishingest.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <QtCore/QPointer>

#include "server/cluster/delivery/ingestentry.h"
#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

const QByteArray kKey = QByteArrayLiteral("gatehouse:publish");
const QByteArray kGroup = QByteArrayLiteral("gatehouse");
constexpr int kMostEntryBytes = 1024 * 1024;

/// Enough of an entry to recognise it.
QByteArray beginningOf(const std::vector<RedisReply> &fields)
{
    constexpr qsizetype kMost = 1000;
    QByteArray text;
    for (size_t i = 0; i + 1 < fields.size() && text.size() < kMost; i += 2)
        text += fields[i].text.left(kMost) + '=' + fields[i + 1].text.left(kMost) + ' ';
    return text.left(kMost);
}

bool isDown(const Error &error)
{
    return error.field == rediserrors::kDown;
}

} // namespace

PublishIngest::Publish PublishIngest::by(PublishScript &script)
{
    return [&script](IngestEntry entry, const std::vector<RedisReply> &, const Done &done) {
        RedisPublish publish{ std::move(entry.requests) };
        publish.entry = std::move(entry.id);
        publish.group = std::move(entry.group);
        script.publish(publish, [done](const Result<RedisPublished> &published) {
            done(published ? Result<bool>(published->kind == RedisPublished::Kind::Stored)
                           : Result<bool>(published.error()));
        });
    };
}

PublishIngest::PublishIngest(RedisCalls &waiting, Publish publish, const QString &run, Published published,
    const Clock &clock, Log &log, QObject *parent)
    : QObject(parent)
    , m_waiting(waiting)
    , m_publish(std::move(publish))
    , m_run(run.toLatin1())
    , m_published(std::move(published))
    , m_clock(clock)
    , m_log(log)
    , m_retry(this)
{
    m_retry.setSingleShot(true);
    m_retry.setInterval(kRetry);
    connect(&m_retry, &QTimer::timeout, this, &PublishIngest::join);
}

template <typename F> auto PublishIngest::ofThisLink(F callback)
{
    // The link may answer its last calls when this object is gone.
    return
        [self = QPointer(this), callback = std::move(callback), connection = m_connection](const auto &...arguments) {
            if (self && connection == self->m_connection)
                callback(arguments...);
        };
}

void PublishIngest::linkUp()
{
    ++m_connection;
    m_unanswered = 0;
    m_hasFailed = false;
    m_retry.stop();
    join();
}

void PublishIngest::join()
{
    const auto joined = [this](const Result<RedisReply> &reply) {
        if (reply || reply.error().message.startsWith("BUSYGROUP"_L1)) // somebody was first
            next();
        else
            failed(reply.error());
    };
    m_waiting.call({ "XGROUP", "CREATE", kKey, kGroup, "0", "MKSTREAM" }, ofThisLink(joined));
}

void PublishIngest::next()
{
    if (!m_claimedAt || m_clock.monotonic() - *m_claimedAt >= kClaimEvery)
        claim();
    else
        readNew();
}

void PublishIngest::claim()
{
    m_claimedAt = m_clock.monotonic();
    const auto claimed = [this](const Result<RedisReply> &reply) {
        if (!reply || reply->elements.size() != 3) {
            failed(reply ? Error{ u"XAUTOCLAIM answered something else than it can"_s, {} } : reply.error());
            return;
        }
        m_claimFrom = reply->elements[0].text;
        if (const qint64 tooLarge = reply->elements[2].toInteger(); tooLarge > 0) {
            m_refused.fetch_add(tooLarge, std::memory_order_relaxed);
            sayRefused({}, u"entries of more than %1 bytes"_s.arg(kMostEntryBytes));
        }
        const std::vector<RedisReply> &entries = reply->elements[1].elements;
        if (entries.size() >= kMostEntries)
            m_claimedAt.reset(); // there may be more
        handle(entries);
    };
    m_waiting.run(scripts::claimEntries(), {},
        { kGroup, m_run, QByteArray::number(qint64(kClaimAfter.count())), m_claimFrom, QByteArray::number(kMostEntries),
            QByteArray::number(kMostEntryBytes) },
        ofThisLink(claimed));
}

void PublishIngest::readNew()
{
    const auto read = [this](const Result<RedisReply> &reply) {
        if (!reply) {
            failed(reply.error());
            return;
        }
        // [[key, [entry, …]]], or nil when nothing has come
        const bool hasEntries = reply->elements.size() == 1 && reply->elements[0].elements.size() == 2;
        handle(hasEntries ? reply->elements[0].elements[1].elements : std::vector<RedisReply>{});
    };
    m_waiting.call({ "XREADGROUP", "GROUP", kGroup, m_run, "COUNT", QByteArray::number(kMostEntries), "BLOCK",
                       QByteArray::number(qint64(kBlock.count())), "STREAMS", kKey, ">" },
        ofThisLink(read), kBlock + RedisCalls::kDeadline);
}

void PublishIngest::handle(const std::vector<RedisReply> &entries)
{
    m_unanswered = 1; // until all have been handed on
    for (const RedisReply &entry : entries) {
        if (entry.elements.size() != 2)
            continue;
        const QByteArray &id = entry.elements[0].text;
        ++m_unanswered;
        Result<std::vector<PublishRequest>> requests = readIngestEntry(entry.elements[1].elements);
        if (requests)
            publish(entry, std::move(requests).value());
        else
            refuse(id, requests.error(), beginningOf(entry.elements[1].elements));
    }
    oneDone();
}

void PublishIngest::publish(const RedisReply &entry, std::vector<PublishRequest> requests)
{
    std::vector<PublishRequest> ephemeral;
    const auto firstEphemeral = std::stable_partition(
        requests.begin(), requests.end(), [](const PublishRequest &request) { return !request.isEphemeral; });
    std::move(firstEphemeral, requests.end(), std::back_inserter(ephemeral));
    requests.erase(firstEphemeral, requests.end());
    const qint64 stored = qint64(requests.size());
    const QByteArray &id = entry.elements[0].text;
    // Also when this link has come up anew meanwhile: what was published has been published.
    m_publish({ id, kGroup, std::move(requests) }, entry.elements[1].elements,
        [self = QPointer(this), stored, ephemeral, answered = ofThisLink([this] { oneDone(); })](
            const Result<bool> &published) {
            if (!self)
                return;
            if (!published) { // is claimed later, by this reader or another
                self->publishFailed(published.error());
            } else if (*published) {
                self->m_taken.fetch_add(1, std::memory_order_relaxed);
                self->m_published(stored, ephemeral);
            }
            answered();
        });
}

void PublishIngest::refuse(const QByteArray &id, const Error &why, const QByteArray &content)
{
    const auto refused = [this, id, why](const Result<RedisReply> &reply) {
        if (reply && reply->toInteger() == 1) {
            m_refused.fetch_add(1, std::memory_order_relaxed);
            sayRefused(id, why.message);
        }
        oneDone();
    };
    m_waiting.run(scripts::refuseEntry(), {}, { kGroup, id, why.message.toUtf8(), why.field.toUtf8(), content },
        ofThisLink(refused));
}

void PublishIngest::publishFailed(const Error &error)
{
    m_hasFailed = true;
    if (m_waitsPause.isOver(m_clock.monotonic()))
        m_log.log(LogLevel::Warning, "ingest_waits"_L1, { { "error"_L1, error.message } });
}

/// Where something could not be published, the rest waits in Redis: what is handed out must be claimed again.
void PublishIngest::oneDone()
{
    if (--m_unanswered > 0 || !m_waiting.isUp())
        return;
    if (std::exchange(m_hasFailed, false))
        m_retry.start();
    else
        next();
}

void PublishIngest::failed(const Error &error)
{
    if (isDown(error))
        return; // linkUp() begins anew
    if (m_failsPause.isOver(m_clock.monotonic()))
        m_log.log(LogLevel::Warning, "ingest_fails"_L1, { { "error"_L1, error.message } });
    m_retry.start();
}

void PublishIngest::sayRefused(const QByteArray &id, const QString &why)
{
    if (m_refusedPause.isOver(m_clock.monotonic()))
        m_log.log(LogLevel::Warning, "publish_refused"_L1,
            { { "entry"_L1, QString::fromLatin1(id) }, { "reason"_L1, why }, { "so_far"_L1, refused() } });
}

} // namespace gatehouse
