// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/limits/limitrevisions.h"

#include "server/store/columns.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse::limitrevisions {

namespace {

LimitSet limitSet(const Statement &row, int revisionColumn, int limitsColumn)
{
    LimitSet limits = LimitSet::fromJson(jsoncolumn::objectIn(row.text(limitsColumn)));
    limits.revision = row.integer(revisionColumn);
    return limits;
}

Status loadMarks(Database &database, StoredLimits &stored)
{
    Statement row = database.prepare("SELECT name, at_ms, by FROM limit_mark");
    while (row.nextRow()) {
        if (const LimitDescriptor *descriptor = findLimit(row.text(0)))
            stored.marks[descriptor->key] = { fromEpochMillis(row.integer(1)), row.text(2) };
    }
    return row.status();
}

Status loadConfigured(Database &database, StoredLimits &stored)
{
    Statement row = database.prepare("SELECT name, value, mode FROM limit_configured");
    while (row.nextRow()) {
        const LimitDescriptor *descriptor = findLimit(row.text(0));
        const std::optional<LimitMode> mode = parseLimitMode(row.text(2));
        if (descriptor && mode)
            stored.configured[descriptor->key] = { row.integer(1), *mode };
    }
    return row.status();
}

} // namespace

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS limit_revision (revision INTEGER PRIMARY KEY, document TEXT NOT NULL, limits TEXT "
        "NOT NULL);"
        "CREATE TABLE IF NOT EXISTS limit_mark (name TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, by TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS limit_configured (name TEXT PRIMARY KEY, value INTEGER NOT NULL, mode TEXT NOT "
        "NULL)");
}

Result<StoredLimits> load(Database &database)
{
    StoredLimits stored;
    Statement row = database.prepare("SELECT revision, limits FROM limit_revision ORDER BY revision DESC LIMIT 1");
    if (row.nextRow())
        stored.current = limitSet(row, 0, 1);
    Status status = row.status();
    if (status)
        status = loadMarks(database, stored);
    if (status)
        status = loadConfigured(database, stored);
    if (!status)
        return status.error();
    return stored;
}

Status insert(Database &database, const Revision &revision, const LimitSet &after)
{
    Status status = database.prepare("INSERT INTO limit_revision (revision, document, limits) VALUES (?, ?, ?)")
                        .bind(1, revision.revision)
                        .bind(2, jsoncolumn::ofObject(revision.toJson()))
                        .bind(3, jsoncolumn::ofObject(after.toJson()))
                        .run();
    if (status) // numbers have no gaps
        status = database.prepare("DELETE FROM limit_revision WHERE revision <= ?")
                     .bind(1, revision.revision - kMaxRevisions)
                     .run();
    for (const LimitChange &change : revision.changes) {
        if (status)
            status = database.prepare("INSERT OR REPLACE INTO limit_mark (name, at_ms, by) VALUES (?, ?, ?)")
                         .bind(1, change.key)
                         .bind(2, toEpochMillis(revision.at))
                         .bind(3, revision.by)
                         .run();
    }
    return status;
}

Status insertFromLog(Database &database, const Revision &revision, const LimitSet &after)
{
    const Status status
        = database.prepare("DELETE FROM limit_revision WHERE revision >= ?").bind(1, revision.revision).run();
    return status ? insert(database, revision, after) : status;
}

Status storeConfigured(Database &database, const std::map<LimitKey, LimitValue> &configured)
{
    Status status = database.execute("DELETE FROM limit_configured");
    for (const auto &[key, limit] : configured) {
        if (status)
            status = database.prepare("INSERT INTO limit_configured (name, value, mode) VALUES (?, ?, ?)")
                         .bind(1, QString(limitDescriptor(key).name))
                         .bind(2, limit.value)
                         .bind(3, QString(limitModeName(limit.mode)))
                         .run();
    }
    return status;
}

Result<std::optional<LimitSet>> find(Database &database, qint64 revision)
{
    Statement row = database.prepare("SELECT revision, limits FROM limit_revision WHERE revision = ?");
    row.bind(1, revision);
    std::optional<LimitSet> limits;
    if (row.nextRow())
        limits = limitSet(row, 0, 1);
    if (const Status status = row.status(); !status)
        return status.error();
    return limits;
}

Result<std::vector<Revision>> list(Database &database, qint64 below, int limit)
{
    std::vector<Revision> revisions;
    Statement row
        = database.prepare("SELECT document FROM limit_revision WHERE revision < ? ORDER BY revision DESC LIMIT ?");
    row.bind(1, below).bind(2, qint64(limit));
    while (row.nextRow()) {
        Result<Revision> revision = Revision::fromJson(jsoncolumn::objectIn(row.text(0)));
        if (!revision)
            return revision.error();
        revisions.push_back(std::move(revision).value());
    }
    if (const Status status = row.status(); !status)
        return status.error();
    return revisions;
}

} // namespace gatehouse::limitrevisions
