// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "shared/util/result.h"

namespace gatehouse {

class Database;

/// A write on its way through the StoreThread.
struct QueuedWrite
{
    std::function<Status(Database &)> work;
    std::function<void(const Status &)> done;
    std::function<void(const Error &)> late; ///< told, at most once, that the disk does not answer
    Status status = ok();                    ///< of the work
    bool isOfProbe = false;                  ///< nobody asked for it
};

/// Runs works as one transaction, each in a savepoint of its own: one that fails is undone alone, and has a status that
/// says so. Returns what has become of the commit; counts on in `steps` with each work. For the thread of the database.
[[nodiscard]] Status commitGroup(Database &database, std::vector<QueuedWrite> &group, std::atomic<quint64> &steps);

} // namespace gatehouse
