// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include "server/notify/inboxqueries.h"

namespace gatehouse::retentionqueries {

/// One target of the audience table.
using Target = std::pair<qint64, QString>; ///< kind and name
inline const Target kBeforeAll{ -1, {} };

/// Deletes up to `limit` notifications that are expired or too old, with their marks. Returns how many. The store
/// thread's, as is the other.
[[nodiscard]] Result<qint64> purge(Database &database, UtcTime now, qint64 limit);
/// Takes out of the inboxes of up to `limit` targets that come behind `previous` what is beyond the bound: of users, of
/// groups and of all, since nobody's list shows more than the newest kMaxUnreadPerUser of any. Returns the last target
/// that it looked at; nullopt at the end. A target with very much to delete is returned early, so as to be continued
/// at: by then it comes once more.
[[nodiscard]] Result<std::optional<Target>> trim(Database &database, const Target &previous, qint64 limit);

} // namespace gatehouse::retentionqueries
