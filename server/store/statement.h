// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>

#include "shared/util/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse {

/// A prepared statement of a Database, bound and stepped on the database's thread. Given back to the database's cache
/// when it goes out of scope, so it must not outlive the database. Values are bound by position from 1, columns are
/// read by position from 0. Failures are kept: bind and step on and ask status() once; after the first failure nothing
/// is executed any more.
class Statement final
{
public:
    /// For Database::prepare(). `isInUse` is the cache's mark, cleared at the end; without one the statement is
    /// finalised instead. `isDamaged` (if any) is set when the file turns out to be corrupt. A null statement stands
    /// for one that could not be prepared, for the reason that the database holds.
    Statement(sqlite3 *database, sqlite3_stmt *statement, bool *isInUse, bool *isDamaged = nullptr);
    /// One without a cache, of a handle that is no Database.
    [[nodiscard]] static Statement once(sqlite3 *database, const char *sql);
    ~Statement();
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&) = delete;
    Q_DISABLE_COPY(Statement)

    Statement &bind(int position, qint64 value);
    Statement &bind(int position, double value);
    /// A null QString is bound as empty text; use bindNull() for NULL.
    Statement &bind(int position, const QString &text);
    /// Text that need not be valid.
    Statement &bindText(int position, const QByteArray &utf8);
    Statement &bindBlob(int position, const QByteArray &bytes);
    Statement &bindNull(int position);
    /// The value of a column of another statement's row, as it is.
    Statement &bindColumn(int position, const Statement &row, int column);

    /// True while there is a row; false at the end and on failure. At the end the statement is reset, its bindings
    /// stay.
    [[nodiscard]] bool nextRow();
    /// For statements without rows: runs to the end and clears the bindings for the next use.
    Status run();
    /// Ends reading before the last row, so that the statement can be bound and run again.
    void reset();
    [[nodiscard]] Status status() const;

    [[nodiscard]] qint64 integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] QString text(int column) const;
    /// The same as UTF-8, valid until the next row.
    [[nodiscard]] QByteArrayView utf8(int column) const;
    [[nodiscard]] QByteArray blob(int column) const;
    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] bool isInteger(int column) const;

private:
    void check(int code);

    sqlite3 *m_database;
    sqlite3_stmt *m_statement;
    bool *m_isInUse;
    bool *m_isDamaged;
    int m_failure = 0; ///< the first SQLite error code
    QString m_message; ///< what SQLite said of it
};

/// Whether a SQLite error code means that the file is not what it should be.
[[nodiscard]] bool isCorruption(int code);
/// The words for a failed call on a database: names its file, and what SQLite says (with the extended error code).
[[nodiscard]] Error sqliteError(sqlite3 *database, int code, const QString &message);

} // namespace gatehouse
