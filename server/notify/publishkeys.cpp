// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/publishkeys.h"

#include "shared/util/isotime.h"

namespace gatehouse::publishkeys {

Status createTables(Database &database)
{
    return database.execute("CREATE TABLE IF NOT EXISTS publish_key (user TEXT NOT NULL, key TEXT NOT NULL, digest "
                            "BLOB NOT NULL, ids TEXT NOT NULL,"
                            " used_ms INTEGER NOT NULL, PRIMARY KEY (user, key)) WITHOUT ROWID;"
                            "CREATE INDEX IF NOT EXISTS publish_key_by_age ON publish_key (used_ms);");
}

Result<std::optional<Used>> find(Database &database, const PublishKey &key, UtcTime now)
{
    Statement query
        = database.prepare("SELECT digest, ids FROM publish_key WHERE user = ?1 AND key = ?2 AND used_ms > ?3");
    query.bind(1, key.user).bind(2, QString::fromLatin1(key.key)).bind(3, toEpochMillis(now - kPublishKeyRetention));
    std::optional<Used> used;
    if (query.nextRow())
        used = Used{ query.blob(0), query.text(1).split(u' ', Qt::SkipEmptyParts) };
    if (const Status status = query.status(); !status)
        return status.error();
    return used;
}

Status remember(Database &database, const PublishKey &key, const QStringList &ids, UtcTime now)
{
    // An old one that has not been purged yet gives way.
    Statement insert = database.prepare(
        "INSERT OR REPLACE INTO publish_key (user, key, digest, ids, used_ms) VALUES (?1, ?2, ?3, ?4, ?5)");
    insert.bind(1, key.user).bind(2, QString::fromLatin1(key.key)).bindBlob(3, key.digest);
    return insert.bind(4, ids.join(u' ')).bind(5, toEpochMillis(now)).run();
}

Result<qint64> purge(Database &database, UtcTime now, qint64 limit)
{
    Statement remove = database.prepare("DELETE FROM publish_key WHERE (user, key) IN"
                                        " (SELECT user, key FROM publish_key WHERE used_ms <= ?1 LIMIT ?2)");
    const Status status = remove.bind(1, toEpochMillis(now - kPublishKeyRetention)).bind(2, limit).run();
    return status ? Result<qint64>(database.changes()) : Result<qint64>(status.error());
}

} // namespace gatehouse::publishkeys
