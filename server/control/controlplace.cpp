// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controlplace.h"

#include "server/control/controlentries.h"

namespace gatehouse::controlplace {

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS control_place (id INTEGER PRIMARY KEY, position TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS control_version (kind TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
}

Result<ControlPlace> load(Database &database)
{
    ControlPlace place;
    Statement position = database.prepare("SELECT position FROM control_place WHERE id = 1");
    if (position.nextRow())
        place.position = position.text(0).toLatin1();
    Statement row = database.prepare("SELECT kind, version FROM control_version");
    while (row.nextRow()) {
        if (const std::optional<ControlKind> kind = parseControlKind(row.text(0).toLatin1()))
            place.versions[size_t(*kind)] = row.integer(1);
    }
    if (const Status status = position.status() ? row.status() : position.status(); !status)
        return status.error();
    return place;
}

Status store(Database &database, const ControlPlace &place)
{
    Status status = database.prepare("INSERT OR REPLACE INTO control_place (id, position) VALUES (1, ?)")
                        .bind(1, QString::fromLatin1(place.position))
                        .run();
    for (size_t i = 0; status && i < kControlKinds; ++i) {
        status = database.prepare("INSERT OR REPLACE INTO control_version (kind, version) VALUES (?, ?)")
                     .bind(1, QString(controlKindName(ControlKind(i))))
                     .bind(2, place.versions[i])
                     .run();
    }
    return status;
}

Status forget(Database &database)
{
    return database.execute("DELETE FROM control_place; DELETE FROM control_version");
}

Status storeSnapshot(Database &database, const ControlStorages &storages, const ControlSnapshot &snapshot)
{
    Status status = store(database, { snapshot.position, snapshot.versions });
    for (size_t i = 0; status && i < kControlKinds; ++i) {
        if (storages[i].replace)
            status = storages[i].replace(database, snapshot.items[i]);
    }
    for (const ControlEntry &entry : snapshot.log) {
        if (status)
            status = controlentries::storeAudit(database, entry);
    }
    return status;
}

Result<std::array<ControlItems, kControlKinds>> readItems(Database &database, const ControlStorages &storages)
{
    std::array<ControlItems, kControlKinds> items;
    for (size_t i = 0; i < kControlKinds; ++i) {
        if (!storages[i].read)
            continue;
        Result<ControlItems> kept = storages[i].read(database);
        if (!kept)
            return kept.error();
        items[i] = std::move(kept).value();
    }
    return items;
}

} // namespace gatehouse::controlplace
