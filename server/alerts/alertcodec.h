// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>

#include "server/control/controllog.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// Alerts and their rules in the state file, and in the form of the control log: an entry is an alert as it has become,
/// or all rules. Items: alerts by their id, rules as "rule:" and their key.
namespace alertcodec {

struct Saved
{
    std::vector<Alert> alerts; ///< oldest first
    std::vector<AlertRule> rules;
    std::set<QString> waiting; ///< alerts of which the cluster does not know all yet
};

[[nodiscard]] Status createTables(Database &database);
[[nodiscard]] Saved load(Database &database);
[[nodiscard]] Status storeAlert(Database &database, const Alert &alert);
[[nodiscard]] Status storeRules(Database &database, const std::vector<AlertRule> &rules);
[[nodiscard]] Status markWaiting(Database &database, const QString &id);
[[nodiscard]] Status markAppended(Database &database, const QString &id);

[[nodiscard]] const ControlStorage &storage();
[[nodiscard]] ControlChange encode(const Alert &alert);
[[nodiscard]] ControlChange encode(const std::vector<AlertRule> &rules);
/// Of payloads and items that have been checked; empty if it is about the other.
[[nodiscard]] std::optional<Alert> alertIn(const QJsonObject &payload);
[[nodiscard]] std::vector<AlertRule> rulesIn(const QJsonObject &payload);
[[nodiscard]] Saved savedIn(const ControlItems &items);

/// As GET alerts/rules answers them.
[[nodiscard]] QJsonObject rulesJson(const std::vector<AlertRule> &rules);
[[nodiscard]] Error noSuchAlert(const QString &id);

} // namespace alertcodec

} // namespace gatehouse
