// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "server/store/database.h"
#include "shared/protocol/limitsdocument.h"

namespace gatehouse {

/// Who last changed a limit, and when.
struct LimitMark
{
    UtcTime at{};
    QString by;
};

/// Everything about limits that outlives a restart.
struct StoredLimits
{
    LimitSet current; ///< with the latest revision's number; the defaults and 0 if there is none
    std::map<LimitKey, LimitMark> marks;
    std::map<LimitKey, LimitValue>
        configured; ///< what the configuration said at the last start, where it said something
};

/// The limits' tables in the state file. Functions for works of the store thread.
namespace limitrevisions {

/// How many revisions are kept: the newest.
inline constexpr qint64 kMaxRevisions = 1000;

[[nodiscard]] Status createTables(Database &database);
[[nodiscard]] Result<StoredLimits> load(Database &database);
/// Stores a revision, the set that it leads to, and the marks of the limits that it changes; deletes the revision that
/// is one too many by it. An error if there is a revision of that number.
[[nodiscard]] Status insert(Database &database, const Revision &revision, const LimitSet &after);
/// As insert(), for a revision of the cluster's log. What there is of that number and above goes: a log that lost its
/// end gives numbers anew, and the log is right.
[[nodiscard]] Status insertFromLog(Database &database, const Revision &revision, const LimitSet &after);
/// Replaces what the configuration said at the last start.
[[nodiscard]] Status storeConfigured(Database &database, const std::map<LimitKey, LimitValue> &configured);
/// The set that a revision led to; no value if there is no such revision.
[[nodiscard]] Result<std::optional<LimitSet>> find(Database &database, qint64 revision);
/// Up to `limit` revisions below a number, newest first.
[[nodiscard]] Result<std::vector<Revision>> list(Database &database, qint64 below, int limit);

} // namespace limitrevisions

} // namespace gatehouse
