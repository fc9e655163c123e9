// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/notify/notificationstore.h"

namespace gatehouse {

/// A place in the order of publishing as clients see it: opaque to them, versioned for us.
[[nodiscard]] QString encodeCursor(qint64 sequence);
/// nullopt for anything that encodeCursor() did not make.
[[nodiscard]] std::optional<qint64> decodeCursor(QStringView cursor);

/// {"type":"notifications_list","notifications":[…],"cursor":"…","unread":n,"truncated":false}
[[nodiscard]] QByteArray notificationsListMessage(const Inbox &inbox);
/// {"type":"notification","notification":{…},"cursor":"…"}; an ephemeral one (sequence 0) has no cursor.
[[nodiscard]] QByteArray notificationMessage(const Notification &notification, qint64 sequence);
/// {"type":"read","ids":[…],"unread":n}
[[nodiscard]] QByteArray readMessage(const QStringList &ids, qint64 unread);

} // namespace gatehouse
