// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/notificationstore.h"

namespace gatehouse {

/// {"type":"notifications_list","notifications":[…],"cursor":"…","unread":n,"truncated":false}
[[nodiscard]] QByteArray notificationsListMessage(const Inbox &inbox);
/// {"type":"notification","notification":{…},"cursor":"…"}; an ephemeral one (sequence 0) has no cursor.
[[nodiscard]] QByteArray notificationMessage(const Notification &notification, Cursor cursor);
/// The same of a notification that is encoded already.
[[nodiscard]] QByteArray notificationMessage(const QByteArray &json, Cursor cursor);
/// {"type":"read","ids":[…],"unread":n}
[[nodiscard]] QByteArray readMessage(const QStringList &ids, qint64 unread);

} // namespace gatehouse
