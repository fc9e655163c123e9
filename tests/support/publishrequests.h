// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QJsonValue>

#include "server/notify/notificationstore.h"

namespace gatehouse {

/// A publish request as the tests of stores need it: an audience, a title, and nothing special.
inline PublishRequest requestTo(Audience to, const QString &title = QStringLiteral("t"))
{
    PublishRequest made;
    made.to = std::move(to);
    made.title = title;
    made.level = QStringLiteral("info");
    made.data = QJsonValue(QJsonValue::Null);
    return made;
}

inline PublishRequest requestToUser(const QString &user, const QString &title = QStringLiteral("t"))
{
    return requestTo(ToUsers{ { user } }, title);
}

inline QStringList titles(const Inbox &inbox)
{
    QStringList all;
    for (const StoredNotification &stored : inbox.notifications)
        all << stored.notification.title;
    return all;
}

/// Where a client that has taken this list goes on.
inline Cursor cursorOf(const Inbox &inbox)
{
    return { inbox.run, inbox.lastSequence };
}

} // namespace gatehouse
