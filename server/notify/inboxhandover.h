// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/notificationstore.h"
#include "server/store/database.h"

namespace gatehouse {

/// A notification as the state file has it, with all that belongs to it.
struct HeldNotification
{
    StoredNotification stored;
    std::optional<UtcTime> expiresAt;
    Audience to;
    QStringList readers;
};

/// How the inboxes of the state file are read, to be handed over to where others have theirs. For the store's readers.
namespace inboxhandover {

/// The tables, for StoreThread::start().
[[nodiscard]] Status createTables(Database &database);
/// A name for this state file that no other has.
[[nodiscard]] Result<QByteArray> originOf(Database &database);
/// What comes after a sequence, in order: as many as have about `most` targets and readers together, one at least.
/// Without what has been taken in, unless that is asked for too.
[[nodiscard]] Result<std::vector<HeldNotification>> read(
    Database &database, qint64 after, qint64 most, bool withTakenIn = true);
/// Who is known, and since which sequence, in that order.
[[nodiscard]] Result<std::vector<std::pair<qint64, QString>>> knownUsers(Database &database);

/// The same the other way: where a notification is that has been elsewhere, with its readers. It is recognised by its
/// id, and entered only if it is not there.
struct TakenIn
{
    qint64 sequence = 0;
    bool isNew = false;
};
[[nodiscard]] Result<TakenIn> takeIn(Database &database, const HeldNotification &held);
/// Whoever is known since an earlier sequence, or not at all, is known since that one.
[[nodiscard]] Status makeKnown(Database &database, const std::vector<std::pair<qint64, QString>> &users);

} // namespace inboxhandover

} // namespace gatehouse
