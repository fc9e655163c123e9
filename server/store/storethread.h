// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/base/latencyhistogram.h"
#include "server/store/database.h"
#include "server/store/readerpool.h"
#include "server/store/storecondition.h"

namespace gatehouse {

/// The only thread that writes the database, and the way to the threads that read it (ReaderPool). Writes are queued
/// from any thread and done in order; all that are waiting become one transaction (group commit), so a write costs a
/// fraction of an fsync under load, and never waits for a read. Callbacks of writes run on the store thread, or, while
/// that is stuck, on the one that watches it; reads run on a reader thread: post onward to wherever the result belongs.
/// Work and callbacks may queue more work.
///
/// A disk may stop answering (a network file system, a dying drive). After 5 s of that, what waits is answered with an
/// error of the field kHanging and will not be done; what has begun may yet be done, and who waits for it can be told
/// so.
class StoreThread final
{
public:
    /// A write. Runs inside a transaction, in a savepoint of its own: it must not begin or end one itself.
    using Work = std::function<Status(Database &)>;
    using Done = std::function<void(const Status &)>;
    /// Told, at most once, that the disk does not answer.
    using Late = std::function<void(const Error &)>;

    using Turn = ReaderPool::Turn;
    using Portion = ReaderPool::Portion;

    /// Opens the database and runs `schemas` (each creates its tables) before it returns, on the calling thread. The
    /// options' createTables is not for the caller: it is made of the schemas.
    [[nodiscard]] static Result<std::unique_ptr<StoreThread>> start(
        const QString &path, const std::vector<Work> &schemas, DatabaseOptions options = {});
    /// Finishes all queued work, reads included, then ends the threads. Not to be called on one of them.
    ~StoreThread();
    Q_DISABLE_COPY_MOVE(StoreThread)

    /// Finishes all queued work, unless the disk does not answer: then it is false, and the process can only be ended.
    /// What is queued later fails.
    [[nodiscard]] bool finish();

    /// Queues a write. `done` is called after the commit is durable, or with the error: of the work itself (which is
    /// then rolled back alone), or of the commit. `late` is called when the write has begun and the disk does not
    /// answer; `done` still follows when it does.
    void write(Work work, Done done = {}, Late late = {});
    /// Queues a read of the server's own, or of an operator; they are done one after the other. It sees every write
    /// queued before it, and maybe some that were queued soon after. What it sees is durable and of one moment. `late`
    /// is called instead of it when the disk does not answer to a write that was queued before.
    void read(std::function<void(Database &)> work, Late late = {});
    /// Queues what a user asks for, to be read in portions between which others have theirs. One thing after the other
    /// is done for each user, in the order of asking, so that each sees what was written for the one before. The first
    /// portion sees every write queued before. False if too much is asked for, of this user or in all. `late` as for a
    /// read.
    [[nodiscard]] bool readInTurns(const QString &who, Portion portion, Late late = {});
    /// Goes on with what has said that it waits (Turn::Waits), or says that it is over.
    void resume(const QString &who, Portion portion);
    void finishTurn(const QString &who);

    /// Whether what is asked for now can be stored, as far as is known. While a commit fails the thread tries an empty
    /// one every second, so that it turns true by itself once the disk allows it. Any thread.
    [[nodiscard]] bool isHealthy() const { return condition().canStore(); }
    /// What is wrong, if anything is. Any thread.
    [[nodiscard]] StoreCondition condition() const;
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
