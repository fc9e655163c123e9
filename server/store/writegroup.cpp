// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/writegroup.h"

#include "server/store/database.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Runs one work so that its failure undoes nothing but its own.
Status runInSavepoint(Database &database, const std::function<Status(Database &)> &work)
{
    Status status = database.prepare("SAVEPOINT work").run();
    if (!status)
        return status;
    status = work(database);
    if (!database.isInTransaction())
        return status; // a grave error has ended the transaction, and the savepoint with it
    if (!status) {
        if (const Status undone = database.prepare("ROLLBACK TO work").run(); !undone)
            return undone;
    }
    const Status released = database.prepare("RELEASE work").run();
    return status ? released : status;
}

} // namespace

Status commitGroup(Database &database, std::vector<QueuedWrite> &group, std::atomic<quint64> &steps)
{
    if (Status begun = database.prepare("BEGIN IMMEDIATE").run(); !begun)
        return begun;
    for (QueuedWrite &write : group) {
        ++steps;
        write.status = runInSavepoint(database, write.work);
        if (!database.isInTransaction())
            return write.status ? Error{ u"state file: the transaction was ended early"_s, {} } : write.status;
    }
    Status committed = database.prepare("COMMIT").run();
    if (!committed && database.isInTransaction())
        (void)database.prepare("ROLLBACK").run(); // the commit says why
    return committed;
}

} // namespace gatehouse
