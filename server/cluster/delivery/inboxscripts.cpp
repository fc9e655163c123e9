// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/inboxscripts.h"

#include <algorithm>

#include "server/cluster/delivery/notificationcodec.h"
#include "server/cluster/delivery/redishistory.h"
#include "shared/util/isotime.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse::inboxscripts {

namespace {

Error wrongShape(const QString &what)
{
    return { u"Redis holds something else than an inbox: "_s + what, {} };
}

/// Reads `id:created:expires:0` with its sequence; nullopt for what is nothing of ours, and for what has expired.
std::optional<InboxEntry> readEntry(const RedisReply &sequence, const RedisReply &member, UtcTime now)
{
    const QByteArrayList parts = member.text.split(':');
    InboxEntry entry;
    entry.sequence = sequence.toInteger(-1);
    if (parts.size() != 4 || entry.sequence <= 0 || entry.sequence > RedisHistory::kLargestSequence)
        return std::nullopt;
    bool isCreated = false;
    bool isExpiring = false;
    const qint64 created = parts[1].toLongLong(&isCreated);
    const qint64 expires = parts[2].toLongLong(&isExpiring);
    entry.id = QString::fromLatin1(parts[0]);
    if (!isUlid(entry.id) || !isCreated || !isExpiring || created < 0 || created > kLatestMillis || expires < 0
        || expires > kLatestMillis)
        return std::nullopt;
    if (expires > 0 && fromEpochMillis(expires) <= now)
        return std::nullopt;
    entry.until = fromEpochMillis(created) + kInboxRetention;
    if (expires > 0)
        entry.until = std::min(entry.until, fromEpochMillis(expires));
    return entry;
}

std::optional<std::vector<InboxEntry>> readEntries(const RedisReply &list, bool isRead, UtcTime now)
{
    std::vector<InboxEntry> entries;
    if (!list.isArray() || list.elements.size() % 2 != 0)
        return std::nullopt;
    for (size_t i = 0; i < list.elements.size(); i += 2) {
        std::optional<InboxEntry> entry = readEntry(list.elements[i], list.elements[i + 1], now);
        if (!entry)
            continue;
        entry->isRead = isRead;
        entries.push_back(std::move(*entry));
    }
    return entries;
}

} // namespace

QByteArrayList indexArguments(const InboxQuery &query)
{
    QByteArrayList arguments{ query.user.toUtf8(), query.after ? QByteArray::number(query.after->run) : QByteArray(),
        query.after ? QByteArray::number(query.after->sequence) : QByteArray() };
    for (const QString &group : query.groups)
        arguments.append(group.toUtf8());
    return arguments;
}

Result<ReaderIndex> readIndex(const RedisReply &reply, UtcTime now)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() < 9 || parts[0].text != "index")
        return wrongShape(u"the index"_s);
    ReaderIndex index{ quint32(parts[1].toInteger()), parts[2].toInteger(), parts[3].toInteger() };
    if (parts[4].text == "after")
        index.after = parts[5].toInteger();
    index.isLost = parts[6].toInteger() != 0;
    for (size_t i = 7; i < parts.size(); ++i) {
        const std::vector<RedisReply> &inbox = parts[i].elements;
        if (inbox.size() != 3)
            return wrongShape(u"an inbox"_s);
        std::optional<std::vector<InboxEntry>> unread = readEntries(inbox[0], false, now);
        std::optional<std::vector<InboxEntry>> read = readEntries(inbox[1], true, now);
        if (!unread || !read)
            return wrongShape(u"the entries"_s);
        index.inboxes.push_back({ std::move(*unread), std::move(*read), inbox[2].toInteger(), i == 7 });
    }
    return index;
}

QByteArrayList contentsArguments(const std::vector<InboxEntry> &entries, qint64 maxBytes)
{
    QByteArrayList arguments{ QByteArray::number(maxBytes) };
    for (const InboxEntry &entry : entries)
        arguments.append(QByteArray::number(entry.sequence));
    return arguments;
}

Result<ReadContents> readContents(const RedisReply &reply)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() < 2 || parts[0].text != "contents") // the first always fits
        return wrongShape(u"the contents"_s);
    ReadContents contents;
    for (size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].isText()) {
            Result<Notification> notification = notificationcodec::decode(parts[i].text);
            if (!notification)
                contents.refusal = notification.error().message;
            contents.notifications.push_back(
                notification ? std::optional(std::move(notification).value()) : std::optional<Notification>());
        } else {
            if (parts[i].toInteger() != 0)
                contents.refusal = u"a notification is no text, or far too long"_s;
            contents.notifications.emplace_back();
        }
    }
    return contents;
}

QByteArrayList markArguments(
    const QString &user, const QStringList &groups, const std::optional<QStringList> &ids, UtcTime now)
{
    QByteArrayList arguments{ user.toUtf8(), QByteArray::number(toEpochMillis(now)),
        QByteArray::number(qint64(std::chrono::milliseconds(kInboxRetention).count())), ids ? "ids" : "all",
        QByteArray::number(groups.size()) };
    for (const QString &group : groups)
        arguments.append(group.toUtf8());
    for (const QString &id : ids.value_or(QStringList()))
        arguments.append(id.toUtf8());
    return arguments;
}

Result<std::pair<QStringList, qint64>> readMarked(const RedisReply &reply)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() < 2 || parts[0].text != "marked")
        return wrongShape(u"what was marked"_s);
    std::pair<QStringList, qint64> marked{ {}, std::min(parts[1].toInteger(), kMaxUnreadPerUser) };
    for (size_t i = 2; i < parts.size(); ++i)
        marked.first.append(QString::fromLatin1(parts[i].text));
    return marked;
}

} // namespace gatehouse::inboxscripts
