// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/base/latencyhistogram.h"
#include "server/store/database.h"

namespace gatehouse {

/// The only thread that touches the database. Work is queued from any thread and done in order; all writes that are
/// waiting become one transaction (group commit), so a write costs a fraction of an fsync under load. Callbacks run on
/// the store thread: post onward to wherever the result belongs. Work and callbacks may queue more work.
class StoreThread final
{
public:
    /// A write. Runs inside a transaction, in a savepoint of its own: it must not begin or end one itself.
    using Work = std::function<Status(Database &)>;
    using Done = std::function<void(const Status &)>;

    /// Opens the database and runs `schemas` (each creates its tables) before it returns, on the calling thread.
    [[nodiscard]] static Result<std::unique_ptr<StoreThread>> start(
        const QString &path, const std::vector<Work> &schemas);
    /// Finishes all queued work, then ends the thread. Not to be called on the store thread.
    ~StoreThread();
    Q_DISABLE_COPY_MOVE(StoreThread)

    /// Queues a write. `done` is called after the commit is durable, or with the error: of the work itself (which is
    /// then rolled back alone), or of the commit.
    void write(Work work, Done done = {});
    /// Queues a read; it sees every write queued before it, and maybe some that were queued soon after. What it sees is
    /// durable.
    void read(std::function<void(Database &)> work);

    /// Whether the last commit succeeded; /readyz and the errors metric look at it. While it is false the thread tries
    /// an empty commit every second, so that it turns true by itself once the disk allows it. Any thread.
    [[nodiscard]] bool isHealthy() const;
    /// Failed commits and works so far. Any thread.
    [[nodiscard]] qint64 failures() const;
    /// How long the groups of writes took, their commits included. Any thread.
    [[nodiscard]] const LatencyHistogram &writeTimes() const;
    /// As Database::setAside().
    [[nodiscard]] QString setAside() const;

private:
    struct State;
    explicit StoreThread(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace gatehouse
