// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/store/database.h"
#include "shared/protocol/accessrule.h"

namespace gatehouse {

/// Which of a list to show. Empty members let everything pass.
struct AccessFilter
{
    std::optional<AccessKind> kind;
    QString text; ///< part of the value, the reason, the note or who made it; ASCII letters in either case
};

/// A part of a list, newest first.
struct AccessPage
{
    std::vector<AccessRule> rules;
    qint64 total = 0;   ///< that pass the filter
    QString nextCursor; ///< for the next part; empty at the end
};

/// Bans and exemptions in the state file. Store thread.
namespace accessrows {

[[nodiscard]] Status createTables(Database &database);
[[nodiscard]] Result<std::vector<AccessRule>> load(Database &database, AccessList list);
/// Adds a rule, or replaces the one of its id.
[[nodiscard]] Status put(Database &database, AccessList list, const AccessRule &rule);
/// nullopt if there is none.
[[nodiscard]] Result<std::optional<AccessRule>> find(Database &database, const QString &id);
[[nodiscard]] Status remove(Database &database, const QString &id);
[[nodiscard]] Status removeExpired(Database &database, UtcTime now);
[[nodiscard]] Status removeAll(Database &database);
/// At most `limit` rules with ids below `before`; an empty one begins at the newest.
[[nodiscard]] Result<AccessPage> page(
    Database &database, AccessList list, const AccessFilter &filter, const QString &before, int limit);

/// What EXEMPT_NETWORKS said when it last had its way.
[[nodiscard]] Result<ExemptNetworks> loadConfigured(Database &database);
[[nodiscard]] Status storeConfigured(Database &database, const ExemptNetworks &networks);

} // namespace accessrows

} // namespace gatehouse
