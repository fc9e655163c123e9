// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/notificationmessages.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace

QByteArray notificationsListMessage(const Inbox &inbox)
{
    QJsonArray notifications;
    for (const StoredNotification &stored : inbox.notifications)
        notifications.append(stored.notification.toJson());
    // Every connection begins with this message, and most lists are empty: put together by hand. Nothing but the list
    // needs escapes.
    const QByteArray list
        = notifications.isEmpty() ? QByteArray("[]") : QJsonDocument(notifications).toJson(QJsonDocument::Compact);
    return R"({"type":"notifications_list","notifications":)" + list + R"(,"cursor":")"
        + encodeCursor({ inbox.run, inbox.lastSequence }).toLatin1() + R"(","unread":)"
        + QByteArray::number(inbox.unreadCount) + R"(,"truncated":)" + (inbox.isTruncated ? "true" : "false") + '}';
}

QByteArray notificationMessage(const Notification &notification, Cursor cursor)
{
    QJsonObject object{ { "type"_L1, "notification"_L1 }, { "notification"_L1, notification.toJson() } };
    if (cursor.sequence > 0)
        object.insert("cursor"_L1, encodeCursor(cursor));
    return compact(object);
}

QByteArray readMessage(const QStringList &ids, qint64 unread)
{
    return compact({
        { "type"_L1, "read"_L1 },
        { "ids"_L1, QJsonArray::fromStringList(ids) },
        { "unread"_L1, unread },
    });
}

} // namespace gatehouse
