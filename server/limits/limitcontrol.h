// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/auditlog.h"
#include "server/control/controllog.h"
#include "server/limits/limitrevisions.h"

namespace gatehouse {

/// What settings said: the limits that were set there, and the switch.
struct LimitConfiguration
{
    std::map<LimitKey, LimitValue> limits;
    bool isGuarding = true;

    friend bool operator==(const LimitConfiguration &, const LimitConfiguration &) = default;
};

/// What the limits become when the configuration is not what it was: what is set otherwise takes its value, and what is
/// set no more its default, unless someone has changed it since.
[[nodiscard]] LimitSet withConfiguration(const LimitSet &current, const std::map<LimitKey, LimitValue> &before,
    const std::map<LimitKey, LimitValue> &configured);
/// The audit's entry of a revision.
[[nodiscard]] AuditEntry auditEntryOf(const Revision &revision, const LimitSet &before, const LimitSet &after);

/// Limits, switch and what was configured last, in the form of the control log: one kind, of which an entry may change
/// several. Items: a revision by its number, "switch", and "configured": what some node's configuration said last.
namespace limitcontrol {

/// One change; what it does not change is missing.
struct Change
{
    std::optional<Revision> revision;
    LimitSet limits; ///< what the revision led to
    std::optional<bool> isGuarding;
    std::optional<LimitConfiguration> configured;
};

/// Everything about limits that a cluster has in common.
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
/// What the state file knows of the cluster.
[[nodiscard]] Result<State> load(Database &database);

/// What this node's configuration said when it last had its way; nullopt if it never had.
[[nodiscard]] Result<std::optional<LimitConfiguration>> loadOwn(Database &database);
[[nodiscard]] Status storeOwn(Database &database, const LimitConfiguration &configuration);

} // namespace limitcontrol

} // namespace gatehouse
