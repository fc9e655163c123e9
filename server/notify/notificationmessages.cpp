// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/notificationmessages.h"

#include <QtCore/QJsonArray>

#include "shared/util/compactjson.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

QByteArray notificationsListMessage(const Inbox &inbox)
{
    QJsonArray notifications;
    for (const StoredNotification &stored : inbox.notifications)
        notifications.append(stored.notification.toJson());
    // Every connection begins with this message, and most lists are empty: put together by hand. Nothing but the list
    // needs escapes.
    const QByteArray list = notifications.isEmpty() ? QByteArray("[]") : compactJson(notifications);
    return R"({"type":"notifications_list","notifications":)" + list + R"(,"cursor":")"
        + encodeCursor({ inbox.run, inbox.lastSequence }).toLatin1() + R"(","unread":)"
        + QByteArray::number(inbox.unreadCount) + R"(,"truncated":)" + (inbox.isTruncated ? "true" : "false") + '}';
}

ListMessage listMessage(const Inbox &inbox)
{
    return { notificationsListMessage(inbox), { inbox.run, inbox.lastSequence }, inbox.notifications.empty(),
        inbox.isTruncated, inbox.hasMore };
}

Result<ListMessage> listMessage(const Result<Inbox> &inbox)
{
    return inbox ? Result<ListMessage>(listMessage(*inbox)) : Result<ListMessage>(inbox.error());
}

QByteArray notificationMessage(const Notification &notification, Cursor cursor)
{
    return notificationMessage(compactJson(notification.toJson()), cursor);
}

QByteArray notificationMessage(const QByteArray &json, Cursor cursor)
{
    const QByteArray begin = R"({"type":"notification","notification":)" + json;
    return cursor.sequence > 0 ? QByteArray(begin + R"(,"cursor":")" + encodeCursor(cursor).toLatin1() + "\"}")
                               : QByteArray(begin + '}');
}

QByteArray readMessage(const QStringList &ids, qint64 unread)
{
    return compactJson({
        { "type"_L1, "read"_L1 },
        { "ids"_L1, QJsonArray::fromStringList(ids) },
        { "unread"_L1, unread },
    });
}

} // namespace gatehouse
