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

/// The statements behind SqliteNotificationStore, one function each. Store thread only; failures are those of SQLite.
namespace inboxqueries {

[[nodiscard]] Status createTables(Database &database);
/// Inserts one notification with its audience and answers with its sequence.
[[nodiscard]] Result<qint64> insert(
    Database &database, const Notification &notification, const Audience &to, std::optional<UtcTime> expiresAt);
/// Since which sequence the user is known; makes the user known as of now if it is not.
[[nodiscard]] Result<qint64> knownSince(Database &database, const QString &user);
/// The same without making anybody known; nullopt for an unknown user.
[[nodiscard]] std::optional<qint64> findKnownSince(Database &database, const QString &user);
[[nodiscard]] Result<qint64> lastSequence(Database &database);
/// All that is unread, oldest first.
[[nodiscard]] Result<std::vector<InboxEntry>> unreadEntries(Database &database, const InboxReader &reader);
/// What a list for the reader is made of, for InboxMerge: the newest of each audience that the reader is in, more than
/// a list takes. Without a run.
[[nodiscard]] Result<ReaderIndex> readIndex(Database &database, const InboxReader &reader, std::optional<qint64> after);
/// The contents of the first of these that fit into kMaxInboxBytes.
[[nodiscard]] Result<ReadContents> readContents(Database &database, const std::vector<InboxEntry> &entries);
/// Marks the sequences as read by the user.
[[nodiscard]] Status markRead(Database &database, const QString &user, const std::vector<qint64> &sequences);

} // namespace inboxqueries

} // namespace gatehouse
