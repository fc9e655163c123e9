// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/notificationmessages.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr char kCursorVersion[] = "1:";
constexpr auto kCursorEncoding = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace

QString encodeCursor(qint64 sequence)
{
    return QString::fromLatin1(QByteArray(kCursorVersion + QByteArray::number(sequence)).toBase64(kCursorEncoding));
}

std::optional<qint64> decodeCursor(QStringView cursor)
{
    const auto decoded
        = QByteArray::fromBase64Encoding(cursor.toLatin1(), kCursorEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || !decoded.decoded.startsWith(kCursorVersion))
        return std::nullopt;
    bool isNumber = false;
    const qint64 sequence = decoded.decoded.mid(qsizetype(sizeof kCursorVersion) - 1).toLongLong(&isNumber);
    // Only the one text that encodeCursor() makes: no signs, spaces or leading zeros.
    return isNumber && sequence >= 0 && encodeCursor(sequence) == cursor ? std::optional(sequence) : std::nullopt;
}

QByteArray notificationsListMessage(const Inbox &inbox)
{
    QJsonArray notifications;
    for (const StoredNotification &stored : inbox.unread)
        notifications.append(stored.notification.toJson());
    // Every connection begins with this message, and most lists are empty: put together by hand. Nothing but the list needs escapes.
    const QByteArray list
        = notifications.isEmpty() ? QByteArray("[]") : QJsonDocument(notifications).toJson(QJsonDocument::Compact);
    return R"({"type":"notifications_list","notifications":)" + list + R"(,"cursor":")"
        + encodeCursor(inbox.lastSequence).toLatin1() + R"(","unread":)" + QByteArray::number(inbox.unreadCount)
        + R"(,"truncated":)" + (inbox.isTruncated ? "true" : "false") + '}';
}

QByteArray notificationMessage(const Notification &notification, qint64 sequence)
{
    QJsonObject object { { "type"_L1, "notification"_L1 }, { "notification"_L1, notification.toJson() } };
    if (sequence > 0)
        object.insert("cursor"_L1, encodeCursor(sequence));
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
