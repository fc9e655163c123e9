// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/reconnectgrants.h"
#include "server/store/storethread.h"

/// The clients that were told to come back when the server ended, in the state file for the next server.
/// Each is read once.
namespace gatehouse::drainedclients {

/// What was stored longer ago is of no use: the budgets that it would spare have begun anew meanwhile.
constexpr std::chrono::hours kKept{ 1 };

[[nodiscard]] Status createTables(Database &database);
/// Replaces what is stored; on the store thread, soon. A client may be there more than once.
void save(StoreThread &store, ClientCounts counts, UtcTime now);
/// What is stored and not too old; it is not there any more afterwards. Waits for the store thread.
[[nodiscard]] ClientCounts takeAll(StoreThread &store, UtcTime now);

} // namespace gatehouse::drainedclients
