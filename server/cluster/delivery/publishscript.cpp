// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/publishscript.h"

#include <algorithm>

#include "server/cluster/delivery/notificationcodec.h"
#include "server/cluster/scripts/scripts.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kStreamEntries = 10'000; // about as many stay in each stream

qint64 millis(std::chrono::milliseconds duration)
{
    return qint64(duration.count());
}

/// Adds what the script is told of one notification.
void addNotification(QByteArrayList &arguments, const Notification &notification, const PublishRequest &request)
{
    const qint64 created = toEpochMillis(notification.createdAt);
    const std::chrono::milliseconds life
        = request.ttl ? std::min<std::chrono::milliseconds>(*request.ttl, kInboxRetention) : kInboxRetention;
    const qint64 expires = request.ttl ? created + millis(*request.ttl) : 0;
    const QByteArrayList targets = notificationcodec::targetsOf(request.to);
    arguments << notificationcodec::encode(notification) << notification.id.toLatin1() << QByteArray::number(created)
              << QByteArray::number(expires) << QByteArray::number(millis(life))
              << notificationcodec::encodeAudience(request.to)
              << QByteArray::number(notificationcodec::streamShardOf(targets.first()))
              << QByteArray::number(targets.size());
    arguments += targets;
}

Result<RedisPublished> readReply(
    const RedisReply &reply, const QStringList &ids, std::vector<StoredNotification> notifications)
{
    using Kind = RedisPublished::Kind;
    const std::vector<RedisReply> &parts = reply.elements;
    const QByteArray kind = parts.empty() ? QByteArray() : parts[0].text;
    if (kind == "taken")
        return RedisPublished{ Kind::Taken };
    if (kind == "refused")
        return RedisPublished{ Kind::Refused };
    if (kind == "replayed" && parts.size() == 2)
        return RedisPublished{ Kind::Replayed, {}, QString::fromLatin1(parts[1].text).split(u' ', Qt::SkipEmptyParts) };
    if (kind != "stored" || parts.size() != 3)
        return Error{ u"the publish script answered something else than it can"_s, rediserrors::kRefused };
    qint64 sequence = parts[2].toInteger();
    for (StoredNotification &stored : notifications)
        stored.sequence = ++sequence;
    return RedisPublished{ Kind::Stored, std::move(notifications), ids, quint32(parts[1].toInteger()) };
}

} // namespace

PublishScript::PublishScript(RedisHistory &history, const Clock &clock)
    : m_history(history)
    , m_clock(clock)
    , m_ids(UlidGenerator::withSystemEntropy())
{
}

void PublishScript::publish(const RedisPublish &publish, Done done)
{
    const UtcTime now = m_clock.utc();
    QByteArrayList content;
    std::vector<StoredNotification> notifications;
    notifications.reserve(publish.requests.size());
    for (const PublishRequest &request : publish.requests) {
        notifications.push_back(
            { 0, { m_ids.next(now), request.title, request.body, request.level, request.data, now, false } });
        addNotification(content, notifications.back().notification, request);
    }
    QStringList ids = publish.ids;
    auto next = notifications.begin();
    for (QString &id : ids) {
        if (id.isEmpty())
            id = (next++)->notification.id;
    }
    QByteArray key;
    if (publish.key) // a user's name may hold a colon
        key = publish.key->user.toUtf8().toPercentEncoding() + ':' + publish.key->key;
    const QByteArrayList head{ QByteArray::number(toEpochMillis(now)), QByteArray::number(millis(kInboxRetention)),
        QByteArray::number(millis(kPublishKeyRetention)), QByteArray::number(kMaxUnreadPerUser + 1),
        QByteArray::number(kStreamEntries), publish.entry, publish.group, key,
        publish.key ? publish.key->digest.toHex() : QByteArray(), ids.join(u' ').toLatin1() };
    m_history.run(
        scripts::publish(), head + content,
        [this, ids, notifications = std::move(notifications), done = std::move(done)](const Result<RedisReply> &reply) {
            if (!reply) {
                done(reply.error());
                return;
            }
            Result<RedisPublished> published = readReply(*reply, ids, notifications);
            if (published && !published->notifications.empty())
                m_history.saw(published->notifications.back().sequence);
            done(std::move(published));
        },
        kDeadline);
}

} // namespace gatehouse
