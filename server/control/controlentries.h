// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/controlparticipants.h"

namespace gatehouse {

/// What every control log does with its entries, wherever it is kept.
namespace controlentries {

/// Gives the change an id, and its audit's entries one where they have none, and says in them where they come from.
/// Returns the change's id.
QString sign(QJsonObject &payload, const QString &node, const std::function<QString()> &nextId);

/// Why an entry cannot be carried out: it is not one of its kind, or its audit is none.
[[nodiscard]] Status check(const ControlStorage &storage, const ControlEntry &entry);

/// Stores what each entry changes, and its audit. On the store thread, within a work: all or nothing.
[[nodiscard]] Status store(
    Database &database, const ControlStorages &storages, const std::vector<ControlEntry> &entries);
/// The audit of an entry alone.
[[nodiscard]] Status storeAudit(Database &database, const ControlEntry &entry);

} // namespace controlentries

} // namespace gatehouse
