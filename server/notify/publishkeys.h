// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/notificationstore.h"
#include "server/store/database.h"

namespace gatehouse {

/// The statements about keys that make a retried publish safe. Store thread only; a key is written in the transaction
/// of what was published with it, so that there is never one without the other.
namespace publishkeys {

/// What was first published with a key.
struct Used
{
    QByteArray digest;
    QStringList ids;
};

[[nodiscard]] Status createTables(Database &database);
/// nullopt for a key that was not used within the retention.
[[nodiscard]] Result<std::optional<Used>> find(Database &database, const PublishKey &key, UtcTime now);
/// Records the key as used now, with the ids that were answered.
[[nodiscard]] Status remember(Database &database, const PublishKey &key, const QStringList &ids, UtcTime now);
/// Deletes up to `limit` keys that are no longer recognised. Returns how many.
[[nodiscard]] Result<qint64> purge(Database &database, UtcTime now, qint64 limit);

} // namespace publishkeys

} // namespace gatehouse
