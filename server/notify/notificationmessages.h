// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/notificationstore.h"

namespace gatehouse {

/// {"type":"notifications_list","notifications":[…],"cursor":"…","unread":n,"truncated":false}
[[nodiscard]] QByteArray notificationsListMessage(const Inbox &inbox);
/// A list as it is sent, and what of it matters to the sender.
struct ListMessage
{
    QByteArray json;
    Cursor cursor;       ///< up to where it takes everything into account
    bool isEmpty = true; ///< it lists nothing
    bool isTruncated = false;
    bool hasMore = false; ///< another list goes on where this one ends
};
/// A full one takes milliseconds: to be made on the thread that has read it, not where others are served.
[[nodiscard]] ListMessage listMessage(const Inbox &inbox);
/// The same of what may have failed.
[[nodiscard]] Result<ListMessage> listMessage(const Result<Inbox> &inbox);
/// {"type":"notification","notification":{…},"cursor":"…"}; an ephemeral one (sequence 0) has no cursor.
[[nodiscard]] QByteArray notificationMessage(const Notification &notification, Cursor cursor);
/// The same of a notification that is encoded already.
[[nodiscard]] QByteArray notificationMessage(const QByteArray &json, Cursor cursor);
/// {"type":"read","ids":[…],"unread":n}
[[nodiscard]] QByteArray readMessage(const QStringList &ids, qint64 unread);

} // namespace gatehouse
