// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/tablecopies.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>

#include <sqlite3.h>

#include "server/store/openfile.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr char kChanges[] = "CREATE TEMP TABLE IF NOT EXISTS kept_change (tbl INTEGER NOT NULL, key,"
                            " PRIMARY KEY (tbl, key)) WITHOUT ROWID";

Status executeOn(sqlite3 *handle, const QByteArray &sql)
{
    return Statement::once(handle, sql.constData()).run();
}

/// A copy that can be read in full, or null.
sqlite3 *openCopy(const QString &path)
{
    sqlite3 *handle = nullptr;
    if (sqlite3_open_v2(path.toUtf8().constData(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr)
        == SQLITE_OK) {
        sqlite3_extended_result_codes(handle, 1);
        Statement check = Statement::once(handle, "PRAGMA quick_check(1)");
        // No log beside it: it is written rarely, and one file is easier to keep.
        if (check.nextRow() && check.text(0) == "ok"_L1 && executeOn(handle, "PRAGMA journal_mode=TRUNCATE")
            && executeOn(handle, "PRAGMA synchronous=FULL"))
            return handle;
    }
    sqlite3_close_v2(handle);
    return nullptr;
}

/// The statement that made a table; empty if there is none.
QString definition(Statement schema, const QByteArray &table)
{
    schema.bindText(1, table);
    return schema.nextRow() ? schema.text(0) : QString();
}

constexpr char kDefinition[] = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?";

QByteArray columnsSql(const QByteArray &table)
{
    return "PRAGMA table_info(" + table + ')';
}

QByteArrayList columnsOf(Statement columns)
{
    QByteArrayList names;
    while (columns.nextRow())
        names.append(columns.text(1).toUtf8());
    return names;
}

/// All rows of a table in one number, to compare two of them.
QByteArray digest(Statement rows, int columns)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    while (rows.nextRow()) {
        for (int i = 0; i < columns; ++i) {
            const QByteArray value = rows.blob(i);
            hash.addData(QByteArray::number(value.size()).append(rows.isNull(i) ? '-' : ':'));
            hash.addData(value);
        }
    }
    return rows.status() ? hash.result() : QByteArray();
}

} // namespace

QString TableCopies::pathOf(const QString &stateFile)
{
    return stateFile + ".guards"_L1;
}

Result<std::unique_ptr<TableCopies>> TableCopies::open(
    Database &database, const QString &stateFile, const QByteArrayList &tables)
{
    const QString path = pathOf(stateFile);
    if (std::optional<Error> error = openfile::checkWritable(path))
        return *std::move(error);
    sqlite3 *copy = openCopy(path);
    if (!copy) { // damaged: the state file has all that is in it
        QFile::remove(path);
        QFile::remove(path + "-journal"_L1);
        if (std::optional<Error> error = openfile::checkWritable(path))
            return *std::move(error);
        copy = openCopy(path);
    }
    if (!copy)
        return Error{ u"cannot open %1"_s.arg(path), u"STATE_DIR"_s };
    std::unique_ptr<TableCopies> copies(new TableCopies(database, copy));
    Status status = database.execute(kChanges);
    if (status)
        status = executeOn(copy, "BEGIN IMMEDIATE");
    for (const QByteArray &table : tables) {
        if (status)
            status = copies->prepareTable(table);
    }
    if (status)
        status = executeOn(copy, "COMMIT");
    if (!status)
        return status.error();
    return copies;
}

TableCopies::TableCopies(Database &database, sqlite3 *copy)
    : m_database(database)
    , m_copy(copy)
{
}

TableCopies::~TableCopies()
{
    sqlite3_close_v2(m_copy);
}

Status TableCopies::prepareTable(const QByteArray &name)
{
    const QString made = definition(m_database.prepare(kDefinition), name);
    if (made != definition(Statement::once(m_copy, kDefinition), name)) {
        Status status = executeOn(m_copy, "DROP TABLE IF EXISTS " + name);
        if (status)
            status = executeOn(m_copy, made.toUtf8());
        if (!status)
            return status;
    }
    Table table{ name, {}, {}, {}, 0 };
    QByteArray key;
    const QByteArray info = columnsSql(name);
    Statement column = Statement::once(m_copy, info.constData());
    for (; column.nextRow(); ++table.columns) {
        if (column.integer(5) == 1)
            key = column.text(1).toUtf8();
    }
    table.remove = "DELETE FROM " + name + " WHERE " + key + " = ?";
    table.select = "SELECT * FROM " + name + " WHERE " + key + " = ?";
    table.insert = "INSERT OR REPLACE INTO " + name + " VALUES (" + QByteArrayList(table.columns, "?").join(", ") + ')';
    const QByteArray all = "SELECT * FROM " + name + " ORDER BY " + key;
    const QByteArray here = digest(m_database.prepare(all.constData()), table.columns);
    if (here.isEmpty() || here != digest(Statement::once(m_copy, all.constData()), table.columns)) {
        if (const Status copied = copyAll(table); !copied)
            return copied;
    }
    m_tables.push_back(table);
    return watch(name, key);
}

Status TableCopies::copyAll(const Table &table)
{
    Status status = executeOn(m_copy, "DELETE FROM " + table.name);
    const QByteArray all = "SELECT * FROM " + table.name;
    Statement row = m_database.prepare(all.constData());
    Statement insert = Statement::once(m_copy, table.insert.constData());
    while (status && row.nextRow()) {
        for (int i = 0; i < table.columns; ++i)
            insert.bindColumn(i + 1, row, i);
        status = insert.run();
    }
    return status ? row.status() : status;
}

/// Has every change of the table noted, in the transaction that makes it.
Status TableCopies::watch(const QByteArray &name, const QByteArray &key)
{
    const QByteArray number = QByteArray::number(qint64(m_tables.size()) - 1);
    const auto note = [&](const QByteArray &event, const QByteArray &row) {
        const QByteArray trigger = "kept_" + name + '_' + event + '_' + row;
        const QByteArray sql = "CREATE TEMP TRIGGER IF NOT EXISTS " + trigger + " AFTER " + event + " ON main." + name
            + " BEGIN INSERT OR REPLACE INTO kept_change VALUES (" + number + ", " + row + '.' + key + "); END";
        return m_database.execute(sql.constData());
    };
    for (const auto &[event, row] : { std::pair("INSERT", "new"), std::pair("UPDATE", "new"),
             std::pair("UPDATE", "old"), std::pair("DELETE", "old") }) {
        if (const Status status = note(event, row); !status)
            return status;
    }
    return ok();
}

Status TableCopies::update()
{
    Statement change = m_database.prepare("SELECT tbl, key FROM temp.kept_change");
    if (!change.nextRow())
        return change.status();
    Status status = executeOn(m_copy, "BEGIN IMMEDIATE");
    do {
        if (status)
            status = copyRow(change);
    } while (status && change.nextRow());
    if (status)
        status = executeOn(m_copy, "COMMIT");
    change.reset();
    if (status)
        return m_database.execute("DELETE FROM temp.kept_change");
    (void)executeOn(m_copy, "ROLLBACK"); // the failure says why
    return status;
}

Status TableCopies::copyRow(const Statement &change)
{
    const Table &table = m_tables[size_t(change.integer(0))];
    Statement remove = Statement::once(m_copy, table.remove.constData());
    if (const Status status = remove.bindColumn(1, change, 1).run(); !status)
        return status;
    Statement row = m_database.prepare(table.select.constData());
    row.bindColumn(1, change, 1);
    if (!row.nextRow())
        return row.status(); // it is gone
    Statement insert = Statement::once(m_copy, table.insert.constData());
    for (int i = 0; i < table.columns; ++i)
        insert.bindColumn(i + 1, row, i);
    return insert.run();
}

Result<bool> TableCopies::restore(Database &database, const QString &stateFile, const QByteArray &table)
{
    if (!QFile::exists(pathOf(stateFile)))
        return false;
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> copy(openCopy(pathOf(stateFile)), &sqlite3_close_v2);
    if (!copy || definition(Statement::once(copy.get(), kDefinition), table).isEmpty())
        return false;
    const QByteArray sql = columnsSql(table);
    QByteArrayList columns = columnsOf(Statement::once(copy.get(), sql.constData()));
    const QByteArrayList here = columnsOf(database.prepare(sql.constData())); // another version may have others
    columns.removeIf([&here](const QByteArray &name) { return !here.contains(name); });
    const QByteArray names = columns.join(", ");
    const QByteArray remove = "DELETE FROM " + table;
    const QByteArray insertRow = "INSERT OR REPLACE INTO " + table + " (" + names + ") VALUES ("
        + QByteArrayList(columns.size(), "?").join(", ") + ')';
    const QByteArray select = "SELECT " + names + " FROM " + table;
    Status status = database.execute(remove.constData());
    Statement row = Statement::once(copy.get(), select.constData());
    while (status && row.nextRow()) {
        Statement insert = database.prepare(insertRow.constData());
        for (int i = 0; i < int(columns.size()); ++i)
            insert.bindColumn(i + 1, row, i);
        status = insert.run();
    }
    if (!status)
        return status.error();
    return row.status().isOk();
}

} // namespace gatehouse
