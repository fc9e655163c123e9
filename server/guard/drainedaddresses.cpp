// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/drainedaddresses.h"

#include <future>

namespace gatehouse::drainedaddresses {

namespace {

Status insertAll(Database &database, const AddressCounts &counts, UtcTime now)
{
    Statement insert
        = database.prepare("INSERT INTO drained_addresses (bits, is_ipv4, connections, drained_at) VALUES (?, ?, ?, ?)"
                           " ON CONFLICT DO UPDATE SET connections = connections + excluded.connections");
    for (const auto &[bucket, count] : counts) {
        insert.bind(1, qint64(bucket.bits)).bind(2, qint64(bucket.isIpv4 ? 1 : 0)).bind(3, qint64(count));
        if (const Status status = insert.bind(4, qint64(now.time_since_epoch().count())).run(); !status)
            return status;
    }
    return ok();
}

Status readAll(Database &database, UtcTime now, AddressCounts &counts)
{
    Statement select
        = database.prepare("SELECT bits, is_ipv4, connections FROM drained_addresses WHERE drained_at >= ?");
    select.bind(1, qint64((now - kKept).time_since_epoch().count()));
    while (select.nextRow())
        counts.push_back({ { quint64(select.integer(0)), select.integer(1) != 0 }, quint32(select.integer(2)) });
    return select.status();
}

} // namespace

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS drained_addresses ("
        " bits INTEGER NOT NULL, is_ipv4 INTEGER NOT NULL, connections INTEGER NOT NULL, drained_at INTEGER NOT NULL,"
        " PRIMARY KEY (bits, is_ipv4)) WITHOUT ROWID");
}

void save(StoreThread &store, AddressCounts counts, UtcTime now)
{
    store.write([counts = std::move(counts), now](Database &database) -> Status {
        const Status status = database.execute("DELETE FROM drained_addresses");
        return status ? insertAll(database, counts, now) : status;
    });
}

AddressCounts takeAll(StoreThread &store, UtcTime now)
{
    AddressCounts counts;
    std::promise<bool> finished;
    store.write(
        [&counts, now](Database &database) -> Status {
            const Status status = readAll(database, now, counts);
            return status ? database.execute("DELETE FROM drained_addresses") : status;
        },
        // What could not be taken away could be taken twice: then nobody gets it.
        [&finished](const Status &status) { finished.set_value(status.isOk()); });
    return finished.get_future().get() ? counts : AddressCounts();
}

} // namespace gatehouse::drainedaddresses
