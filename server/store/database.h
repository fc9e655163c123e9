// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "shared/util/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse {

/// A prepared statement of a Database, bound and stepped. Returned to its cache when it goes out of scope. Values are bound by
/// position from 1, columns are read by position from 0. Failures are kept: bind and step on and ask status() once.
class Statement final
{
public:
    Statement(sqlite3 *database, sqlite3_stmt *statement);
    ~Statement();
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&) = delete;
    Q_DISABLE_COPY(Statement)

    Statement &bind(int position, qint64 value);
    Statement &bind(int position, double value);
    Statement &bind(int position, const QString &text);
    Statement &bindBlob(int position, const QByteArray &bytes);
    Statement &bindNull(int position);

    /// True while there is a row; false at the end and on failure.
    [[nodiscard]] bool nextRow();
    /// For statements without rows: runs to the end and clears the bindings for the next use.
    Status run();
    [[nodiscard]] Status status() const;

    [[nodiscard]] qint64 integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] QString text(int column) const;
    [[nodiscard]] QByteArray blob(int column) const;
    [[nodiscard]] bool isNull(int column) const;

private:
    sqlite3 *m_database;
    sqlite3_stmt *m_statement;
    int m_failure = 0; ///< the first SQLite error code
};

/// The state file: SQLite with WAL and synchronous=FULL. Lives on one thread (the store thread). Each part of the server creates its
/// own tables (`CREATE TABLE IF NOT EXISTS`) through a function that the composition root passes to the StoreThread.
class Database final
{
public:
    /// Opens or creates `path`. A file that SQLite finds corrupt or that is no database is renamed to
    /// "<path>.corrupt-<UTC time>" (with its -wal and -shm), reported by setAside(), and a new one is begun; it is never deleted.
    /// Unwritable, locked by another process, or out of space is an error that names the path.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const QString &path);
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    /// The name that a corrupt file was given; empty if it was sound.
    [[nodiscard]] QString setAside() const { return m_setAside; }

    /// Runs SQL without parameters or rows; may hold several statements.
    Status execute(const char *sql);
    /// A statement from the cache, prepared at its first use. `sql` must be a literal: its address is the cache's key.
    [[nodiscard]] Statement prepare(const char *sql);
    [[nodiscard]] qint64 lastInsertRowId() const;
    /// Rows that the last INSERT, UPDATE or DELETE touched.
    [[nodiscard]] qint64 changes() const;

private:
    explicit Database(sqlite3 *handle, QString setAside);
    struct Cache;
    sqlite3 *m_handle;
    QString m_setAside;
    std::unique_ptr<Cache> m_cache;
};

} // namespace gatehouse
