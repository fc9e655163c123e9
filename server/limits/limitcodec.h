// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/auditlog.h"
#include "server/control/controllog.h"
#include "server/limits/limitconfiguration.h"
#include "server/limits/limitrevisions.h"

namespace gatehouse {

/// The audit's entry of a revision.
[[nodiscard]] AuditEntry auditEntryOf(const Revision &revision, const LimitSet &before, const LimitSet &after);

/// Limits, switch and what was configured last, in the form of the control log: one kind, of which an entry may change
/// several. Items: a revision by its number, "switch", and "configured": what some node's configuration said last.
namespace limitcodec {

/// One change; what it does not change is missing.
struct Change
{
    std::optional<Revision> revision;
    LimitSet limits; ///< what the revision led to
    std::optional<bool> isGuarding;
    std::optional<LimitConfiguration> configured;
};

/// Everything about limits that the log says.
struct State
{
    StoredLimits stored; ///< without `configured`, which is of a node alone
    std::optional<bool> isGuarding;
    std::optional<LimitConfiguration> configured;
};

[[nodiscard]] Status createTables(Database &database);
[[nodiscard]] const ControlStorage &storage();
/// Payload and items of a change.
[[nodiscard]] ControlChange encode(const Change &change, std::vector<AuditEntry> audit);
/// Of a payload that has been checked.
[[nodiscard]] Change decode(const QJsonObject &payload);
/// Of items that have been checked.
[[nodiscard]] State stateOf(const ControlItems &items);
/// What the state file knows of the log.
[[nodiscard]] Result<State> load(Database &database);

/// What this node's configuration said when it last had its way; nullopt if it never had.
[[nodiscard]] Result<std::optional<LimitConfiguration>> loadOwn(Database &database);
[[nodiscard]] Status storeOwn(Database &database, const LimitConfiguration &configuration);

} // namespace limitcodec

} // namespace gatehouse
