// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QByteArrayList>

#include "server/store/database.h"

struct sqlite3;

namespace gatehouse {

/// A second, small file "<state file>.guards" with a copy of a few tables, each with a primary key of one column. It is
/// written after every commit that changed one of them, before that is answered, whoever changed it; nothing else costs
/// anything. When the state file is damaged there, the copy takes its place. On the thread that uses the database.
///
/// The copy never decides whether something is stored: where it cannot be written, it is brought up to date later.
class TableCopies final
{
public:
    [[nodiscard]] static QString pathOf(const QString &stateFile);

    /// Makes the copy, or brings the one that is there up to date; one that is damaged is made anew. `database`
    /// outlives it.
    [[nodiscard]] static Result<std::unique_ptr<TableCopies>> open(
        Database &database, const QString &stateFile, const QByteArrayList &tables);
    ~TableCopies();
    Q_DISABLE_COPY_MOVE(TableCopies)

    /// Carries over what has been committed since the last time.
    [[nodiscard]] Status update();

    /// Replaces the rows of a table by those of the copy. False if there is no copy of it, or it is damaged.
    [[nodiscard]] static Result<bool> restore(Database &database, const QString &stateFile, const QByteArray &table);

private:
    struct Table
    {
        QByteArray name;
        QByteArray remove; ///< SQL: by key, in the copy
        QByteArray select; ///< SQL: by key, in the database
        QByteArray insert; ///< SQL: a row, in the copy
        int columns = 0;
    };

    TableCopies(Database &database, sqlite3 *copy);
    [[nodiscard]] Status prepareTable(const QByteArray &name);
    [[nodiscard]] Status copyAll(const Table &table);
    [[nodiscard]] Status copyRow(const Statement &change);
    [[nodiscard]] Status watch(const QByteArray &name, const QByteArray &key);

    Database &m_database;
    sqlite3 *m_copy;
    std::vector<Table> m_tables;
};

} // namespace gatehouse
