// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/notificationstore.h"
#include "server/store/database.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// The statements behind SqliteNotificationStore, one function each. Store thread only; failures are those of SQLite.
namespace inboxqueries {

[[nodiscard]] Status createTables(Database &database);
/// Inserts one notification with its audience and answers with its sequence.
[[nodiscard]] Result<qint64> insert(Database &database, const Notification &notification, const Audience &to,
    std::optional<UtcTime> expiresAt);
/// Since which sequence the user is known; makes the user known as of now if it is not.
[[nodiscard]] Result<qint64> knownSince(Database &database, const QString &user);
/// The same without making anybody known; nullopt for an unknown user.
[[nodiscard]] std::optional<qint64> findKnownSince(Database &database, const QString &user);
[[nodiscard]] Result<qint64> lastSequence(Database &database);
/// The newest kMaxUnreadPerUser unread notifications, oldest first, and whether there are more.
[[nodiscard]] Result<Inbox> unread(Database &database, const QString &user, const QStringList &groups, qint64 since,
    UtcTime now);
/// Marks the sequences as read by the user.
[[nodiscard]] Status markRead(Database &database, const QString &user, const std::vector<qint64> &sequences);
[[nodiscard]] Status purge(Database &database, UtcTime now, UtcTime createdBefore);

} // namespace inboxqueries

} // namespace gatehouse
