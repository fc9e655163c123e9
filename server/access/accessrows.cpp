// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessrows.h"

#include "server/store/columns.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse::accessrows {

namespace {

constexpr char kSelect[] = "SELECT id, kind, value, issued_before_ms, reason, note, created_ms, created_by, expires_ms,"
                           " connections FROM access_rule ";
constexpr char kBeyondAllIds[] = "~"; ///< sorts behind every ULID

void bindTime(Statement &statement, int position, const std::optional<UtcTime> &time)
{
    if (time)
        statement.bind(position, toEpochMillis(*time));
    else
        statement.bindNull(position);
}

void bindNumber(Statement &statement, int position, const std::optional<qint64> &number)
{
    if (number)
        statement.bind(position, *number);
    else
        statement.bindNull(position);
}

std::optional<UtcTime> timeIn(const Statement &row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(fromEpochMillis(row.integer(column)));
}

/// Of a row of kSelect. nullopt for a kind that only another version knows.
std::optional<AccessRule> ruleIn(const Statement &row)
{
    const std::optional<AccessKind> kind = parseAccessKind(row.text(1));
    if (!kind)
        return std::nullopt;
    AccessRule rule;
    rule.id = row.text(0);
    rule.kind = *kind;
    rule.value = row.text(2);
    rule.issuedBefore = timeIn(row, 3);
    rule.reason = row.text(4);
    rule.note = row.text(5);
    rule.createdAt = fromEpochMillis(row.integer(6));
    rule.createdBy = row.text(7);
    rule.expiresAt = timeIn(row, 8);
    if (!row.isNull(9))
        rule.limit = row.integer(9);
    return rule;
}

/// What follows begins with WHERE.
Statement select(Database &database, const char *rest)
{
    const QByteArray sql = QByteArray(kSelect) + rest;
    return database.prepare(sql.constData());
}

} // namespace

Status createTables(Database &database)
{
    const Status status = database.execute(
        "CREATE TABLE IF NOT EXISTS access_rule (id TEXT PRIMARY KEY, list INTEGER NOT NULL, kind TEXT NOT NULL,"
        " value TEXT NOT NULL, issued_before_ms INTEGER, reason TEXT NOT NULL, note TEXT NOT NULL,"
        " created_ms INTEGER NOT NULL, created_by TEXT NOT NULL, expires_ms INTEGER, connections INTEGER) WITHOUT "
        "ROWID;"
        // What EXEMPT_NETWORKS said when it last had its way.
        "CREATE TABLE IF NOT EXISTS exempt_configured (value TEXT PRIMARY KEY, connections INTEGER) WITHOUT ROWID");
    return status ? addColumns(
               database, u"access_rule"_s, u"connections"_s, "ALTER TABLE access_rule ADD COLUMN connections INTEGER")
                  : status;
}

Result<std::vector<AccessRule>> load(Database &database, AccessList list)
{
    Statement row = select(database, "WHERE list = ? ORDER BY id");
    row.bind(1, qint64(list));
    std::vector<AccessRule> rules;
    while (row.nextRow()) {
        if (std::optional<AccessRule> rule = ruleIn(row))
            rules.push_back(*std::move(rule));
    }
    if (const Status status = row.status(); !status)
        return status.error();
    return rules;
}

Status put(Database &database, AccessList list, const AccessRule &rule)
{
    Statement statement
        = database.prepare("INSERT OR REPLACE INTO access_rule (id, list, kind, value, issued_before_ms,"
                           " reason, note, created_ms, created_by, expires_ms, connections)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    statement.bind(1, rule.id).bind(2, qint64(list)).bind(3, QString(accessKindName(rule.kind))).bind(4, rule.value);
    bindTime(statement, 5, rule.issuedBefore);
    statement.bind(6, rule.reason).bind(7, rule.note).bind(8, toEpochMillis(rule.createdAt)).bind(9, rule.createdBy);
    bindTime(statement, 10, rule.expiresAt);
    bindNumber(statement, 11, rule.limit);
    return statement.run();
}

Result<std::optional<AccessRule>> find(Database &database, const QString &id)
{
    Statement row = select(database, "WHERE id = ?");
    row.bind(1, id);
    std::optional<AccessRule> rule;
    if (row.nextRow())
        rule = ruleIn(row);
    if (const Status status = row.status(); !status)
        return status.error();
    return rule;
}

Status remove(Database &database, const QString &id)
{
    return database.prepare("DELETE FROM access_rule WHERE id = ?").bind(1, id).run();
}

Status removeExpired(Database &database, UtcTime now)
{
    return database.prepare("DELETE FROM access_rule WHERE expires_ms <= ?").bind(1, toEpochMillis(now)).run();
}

Status removeAll(Database &database)
{
    return database.execute("DELETE FROM access_rule");
}

Result<AccessPage> page(
    Database &database, AccessList list, const AccessFilter &filter, const QString &before, int limit)
{
    const QString kind = filter.kind ? QString(accessKindName(*filter.kind)) : QString();
    const QString text = filter.text.toLower();
    AccessPage page;
    Statement count = database.prepare(
        "SELECT COUNT(*) FROM access_rule WHERE list = ?1 AND (?2 = '' OR kind = ?2) AND (?3 = ''"
        " OR instr(lower(value || char(10) || reason || char(10) || note || char(10) || created_by), ?3) > 0)");
    count.bind(1, qint64(list)).bind(2, kind).bind(3, text);
    if (count.nextRow())
        page.total = count.integer(0);
    Statement row = select(database,
        "WHERE list = ?1 AND (?2 = '' OR kind = ?2) AND (?3 = ''"
        " OR instr(lower(value || char(10) || reason || char(10) || note || char(10) || created_by), ?3) > 0)"
        " AND id < ?4 ORDER BY id DESC LIMIT ?5");
    row.bind(1, qint64(list)).bind(2, kind).bind(3, text);
    row.bind(4, before.isEmpty() ? QString::fromLatin1(kBeyondAllIds) : before).bind(5, qint64(limit) + 1);
    QString last;
    while (row.nextRow()) {
        if (page.rules.size() == size_t(limit)) {
            page.nextCursor = last; // there is at least one more
            break;
        }
        last = row.text(0);
        if (std::optional<AccessRule> rule = ruleIn(row))
            page.rules.push_back(*std::move(rule));
    }
    for (const Status &status : { count.status(), row.status() }) {
        if (!status)
            return status.error();
    }
    return page;
}

Result<ExemptNetworks> loadConfigured(Database &database)
{
    Statement row = database.prepare("SELECT value, connections FROM exempt_configured");
    ExemptNetworks networks;
    while (row.nextRow())
        networks[row.text(0)] = row.isNull(1) ? std::nullopt : std::optional(row.integer(1));
    if (const Status status = row.status(); !status)
        return status.error();
    return networks;
}

Status storeConfigured(Database &database, const ExemptNetworks &networks)
{
    Status status = database.execute("DELETE FROM exempt_configured");
    for (const auto &[value, limit] : networks) {
        if (!status)
            break;
        Statement insert = database.prepare("INSERT INTO exempt_configured (value, connections) VALUES (?, ?)");
        insert.bind(1, value);
        bindNumber(insert, 2, limit);
        status = insert.run();
    }
    return status;
}

} // namespace gatehouse::accessrows
