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

QByteArrayList indexArguments(const IndexQuestion &question, const IndexPlace &place, const ReaderIndex &index)
{
    const InboxQuery &query = question.query;
    QByteArrayList arguments{ query.user.toUtf8(), query.after ? QByteArray::number(query.after->run) : QByteArray(),
        query.after ? QByteArray::number(query.after->sequence) : QByteArray(), question.makesKnown ? "1" : "0",
        QByteArray::number(question.above), QByteArray::number(question.portion) };
    if (place.isBegun)
        arguments << QByteArray::number(index.last) << QByteArray::number(index.since)
                  << (index.after ? QByteArray::number(*index.after) : QByteArray()) << QByteArray::number(place.inbox)
                  << QByteArray::number(place.upTo) << QByteArray::number(place.looked);
    else
        arguments << QByteArray() << QByteArray() << QByteArray() << QByteArray() << QByteArray() << QByteArray();
    for (const QString &group : query.groups)
        arguments.append(group.toUtf8());
    return arguments;
}

Status readIndex(const RedisReply &reply, UtcTime now, IndexPlace &place, ReaderIndex &index)
{
    constexpr size_t kHead = 10;
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() <= kHead || parts[0].text != "index")
        return wrongShape(u"the index"_s);
    if (!place.isBegun) {
        index = { quint32(parts[1].toInteger()), parts[2].toInteger(), parts[3].toInteger() };
        if (parts[4].text == "after")
            index.after = parts[5].toInteger();
        index.isLost = parts[6].toInteger() != 0;
    }
    size_t number = size_t(place.inbox);
    for (size_t i = kHead; i < parts.size(); ++i, ++number) {
        const std::vector<RedisReply> &inbox = parts[i].elements;
        if (inbox.size() != 3)
            return wrongShape(u"an inbox"_s);
        const std::optional<std::vector<InboxEntry>> unread = readEntries(inbox[0], false, now);
        const std::optional<std::vector<InboxEntry>> read = readEntries(inbox[1], true, now);
        if (!unread || !read)
            return wrongShape(u"the entries"_s);
        index.inboxes.resize(std::max(index.inboxes.size(), number + 1));
        InboxIndex &known = index.inboxes[number];
        known.unread.insert(known.unread.end(), unread->begin(), unread->end());
        known.read.insert(known.read.end(), read->begin(), read->end());
        known.floor = inbox[2].toInteger();
        known.isOfUser = number == 0;
    }
    place = { true, parts[7].toInteger(), parts[8].toInteger(), parts[9].toInteger() };
    return ok();
}

QByteArrayList contentsArguments(const std::vector<InboxEntry> &entries, size_t have, qint64 maxBytes)
{
    QByteArrayList arguments{ QByteArray::number(maxBytes) };
    const size_t end = std::min(entries.size(), have + size_t(kContentsPortion));
    for (size_t i = have; i < end; ++i)
        arguments.append(QByteArray::number(entries[i].sequence));
    return arguments;
}

Status readContents(const RedisReply &reply, qsizetype asked, ReadContents &contents)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.empty() || parts[0].text != "contents")
        return wrongShape(u"the contents"_s);
    for (size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].isText()) {
            contents.bytes += parts[i].text.size() + 1;
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
    contents.isFull = qsizetype(parts.size()) - 1 < asked;
    return ok();
}

QByteArrayList markArguments(const QString &user, const std::vector<InboxEntry> &entries, size_t have)
{
    QByteArrayList arguments{ user.toUtf8(),
        QByteArray::number(qint64(std::chrono::milliseconds(kInboxRetention).count())) };
    const size_t end = std::min(entries.size(), have + size_t(kMarksPortion));
    for (size_t i = have; i < end; ++i)
        arguments.append(QByteArray::number(entries[i].sequence));
    return arguments;
}

Result<QStringList> readMarked(const RedisReply &reply, const std::vector<InboxEntry> &entries, size_t have)
{
    const std::vector<RedisReply> &parts = reply.elements;
    const size_t asked = std::min(entries.size() - have, size_t(kMarksPortion));
    if (!reply.isArray() || parts.size() != asked + 1 || parts[0].text != "marked")
        return wrongShape(u"what was marked"_s);
    QStringList ids;
    for (size_t i = 0; i < asked; ++i) {
        if (parts[i + 1].toInteger() == 1)
            ids.append(entries[have + i].id);
    }
    return ids;
}

} // namespace gatehouse::inboxscripts
