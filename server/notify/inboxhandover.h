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
[[nodiscard]] Result<std::vector<HeldNotification>> read(Database &database, qint64 after, qint64 most);
/// Who is known, and since which sequence, in that order.
[[nodiscard]] Result<std::vector<std::pair<qint64, QString>>> knownUsers(Database &database);

} // namespace inboxhandover

} // namespace gatehouse
