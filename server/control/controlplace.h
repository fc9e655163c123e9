// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/controlparticipants.h"
#include "server/control/controltransport.h"

namespace gatehouse {

/// How far a node has carried out the log of a cluster.
struct ControlPlace
{
    QByteArray position; ///< empty: never
    std::array<qint64, kControlKinds> versions{};
};

/// The place in the state file, and what is stored together with it. Store thread.
namespace controlplace {

[[nodiscard]] Status createTables(Database &database);
[[nodiscard]] Result<ControlPlace> load(Database &database);
[[nodiscard]] Status store(Database &database, const ControlPlace &place);
/// A node that knows no place takes everything there is.
[[nodiscard]] Status forget(Database &database);

/// A snapshot, in place of everything that was, and its place.
[[nodiscard]] Status storeSnapshot(
    Database &database, const ControlStorages &storages, const ControlSnapshot &snapshot);
/// Everything that this node has, for a cluster that has nothing.
[[nodiscard]] Result<std::array<ControlItems, kControlKinds>> readItems(
    Database &database, const ControlStorages &storages);

} // namespace controlplace

} // namespace gatehouse
