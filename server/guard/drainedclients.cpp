// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/drainedclients.h"

#include <future>

namespace gatehouse::drainedclients {

namespace {

Status insertAll(Database &database, const ClientCounts &counts, UtcTime now)
{
    Statement insert = database.prepare("INSERT INTO drained_clients (bits, is_ipv4, user, connections, drained_at)"
                                        " VALUES (?, ?, ?, ?, ?)"
                                        " ON CONFLICT DO UPDATE SET connections = connections + excluded.connections");
    for (const auto &[client, count] : counts) {
        insert.bind(1, qint64(client.bucket.bits)).bind(2, qint64(client.bucket.isIpv4 ? 1 : 0));
        insert.bind(3, qint64(client.user)).bind(4, qint64(count));
        if (const Status status = insert.bind(5, qint64(now.time_since_epoch().count())).run(); !status)
            return status;
    }
    return ok();
}

Status readAll(Database &database, UtcTime now, ClientCounts &counts)
{
    Statement select
        = database.prepare("SELECT bits, is_ipv4, user, connections FROM drained_clients WHERE drained_at >= ?");
    select.bind(1, qint64((now - kKept).time_since_epoch().count()));
    while (select.nextRow())
        counts.push_back({ { { quint64(select.integer(0)), select.integer(1) != 0 }, quint64(select.integer(2)) },
            quint32(select.integer(3)) });
    return select.status();
}

} // namespace

Status createTables(Database &database)
{
    return database.execute(
        "DROP TABLE IF EXISTS drained_addresses;" // of earlier versions, which counted by address alone
        "CREATE TABLE IF NOT EXISTS drained_clients ("
        " bits INTEGER NOT NULL, is_ipv4 INTEGER NOT NULL, user INTEGER NOT NULL, connections INTEGER NOT NULL,"
        " drained_at INTEGER NOT NULL, PRIMARY KEY (bits, is_ipv4, user)) WITHOUT ROWID");
}

void save(StoreThread &store, ClientCounts counts, UtcTime now)
{
    store.write([counts = std::move(counts), now](Database &database) -> Status {
        const Status status = database.execute("DELETE FROM drained_clients");
        return status ? insertAll(database, counts, now) : status;
    });
}

ClientCounts takeAll(StoreThread &store, UtcTime now)
{
    ClientCounts counts;
    std::promise<bool> finished;
    store.write(
        [&counts, now](Database &database) -> Status {
            const Status status = readAll(database, now, counts);
            return status ? database.execute("DELETE FROM drained_clients") : status;
        },
        // What could not be taken away could be taken twice: then nobody gets it.
        [&finished](const Status &status) { finished.set_value(status.isOk()); });
    return finished.get_future().get() ? counts : ClientCounts();
}

} // namespace gatehouse::drainedclients
