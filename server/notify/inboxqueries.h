// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/inboxmerge.h"
#include "server/store/database.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// The audience table's kinds of targets; the numbers are stored.
enum class TargetKind : qint64
{
    User = 0,
    Group = 1,
    All = 2
};

/// Who reads, and when.
struct InboxReader
{
    QString user;
    QStringList groups; ///< those that the token names
    qint64 since = 0;   ///< notifications to groups and all count from after this sequence
    UtcTime now{};
};

/// An audience that a reader is in, and from where on what came to it counts for the reader.
struct InboxTarget
{
    TargetKind kind;
    QString name;
    qint64 from; ///< after this sequence
};

/// The statements behind SqliteNotificationStore, one function each. Those that write are the store thread's; failures
/// are those of SQLite. Each takes a bounded time: who needs more asks again.
namespace inboxqueries {

[[nodiscard]] Status createTables(Database &database);
/// Of a row that has id, title, body, level, data and created_ms from that column on.
[[nodiscard]] Notification readNotification(const Statement &row, int first);
/// Inserts one notification with its audience and answers with its sequence.
[[nodiscard]] Result<qint64> insert(
    Database &database, const Notification &notification, const Audience &to, std::optional<UtcTime> expiresAt);
/// Since which sequence the user is known; makes the user known as of now if it is not.
[[nodiscard]] Result<qint64> knownSince(Database &database, const QString &user);
/// The same without making anybody known; nullopt for an unknown user.
[[nodiscard]] Result<std::optional<qint64>> findKnownSince(Database &database, const QString &user);
[[nodiscard]] Result<qint64> lastSequence(Database &database);

[[nodiscard]] std::vector<InboxTarget> targetsOf(const InboxReader &reader);
/// What came to a target up to a sequence and has not expired, read or not and however old, newest first. Without the
/// ids.
[[nodiscard]] Result<std::vector<InboxEntry>> entries(
    Database &database, const InboxTarget &target, const InboxReader &reader, qint64 upTo, qint64 limit);
/// Up to where what came to a target has been deleted because of its age or number.
[[nodiscard]] Result<qint64> floorOf(Database &database, const InboxTarget &target);
/// Adds contents of the entries that follow on those that are there: at most about `maxBytes` (one at least), and none
/// that a list has no room for, which is said by isFull.
[[nodiscard]] Status readContents(
    Database &database, const std::vector<InboxEntry> &entries, qint64 maxBytes, ReadContents &contents);
/// The entry of a notification if it is unread and in one of the targets.
[[nodiscard]] Result<std::optional<InboxEntry>> findUnread(
    Database &database, const std::vector<InboxTarget> &targets, const InboxReader &reader, const QString &id);
/// The id of a notification; empty if it is gone.
[[nodiscard]] Result<QString> idOf(Database &database, qint64 sequence);
/// Marks a notification as read by the user; false if it was, or is gone.
[[nodiscard]] Result<bool> markRead(Database &database, const QString &user, qint64 sequence);

} // namespace inboxqueries

} // namespace gatehouse
