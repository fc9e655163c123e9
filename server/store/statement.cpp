// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/statement.h"

#include <utility>

#include <sqlite3.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

Statement::Statement(sqlite3 *database, sqlite3_stmt *statement, bool *isInUse, bool *isDamaged)
    : m_database(database)
    , m_statement(statement)
    , m_isInUse(isInUse)
    , m_isDamaged(isDamaged)
{
    if (!m_statement)
        check(sqlite3_extended_errcode(m_database));
}

Statement Statement::once(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *prepared = nullptr;
    sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr);
    return Statement(database, prepared, nullptr);
}

Statement::~Statement()
{
    if (!m_statement)
        return;
    if (!m_isInUse) {
        sqlite3_finalize(m_statement);
        return;
    }
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
    *m_isInUse = false;
}

Statement::Statement(Statement &&other) noexcept
    : m_database(other.m_database)
    , m_statement(std::exchange(other.m_statement, nullptr))
    , m_isInUse(other.m_isInUse)
    , m_isDamaged(other.m_isDamaged)
    , m_failure(other.m_failure)
    , m_message(std::move(other.m_message))
{
}

void Statement::check(int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE || m_failure != SQLITE_OK)
        return;
    m_failure = code;
    if (m_isDamaged && isCorruption(code))
        *m_isDamaged = true;
    m_message = QString::fromUtf8(sqlite3_errmsg(m_database)); // now: later calls overwrite it
}

Statement &Statement::bind(int position, qint64 value)
{
    if (m_failure == SQLITE_OK)
        check(sqlite3_bind_int64(m_statement, position, value));
    return *this;
}

Statement &Statement::bind(int position, double value)
{
    if (m_failure == SQLITE_OK)
        check(sqlite3_bind_double(m_statement, position, value));
    return *this;
}

Statement &Statement::bind(int position, const QString &text)
{
    if (m_failure != SQLITE_OK)
        return *this;
    return bindText(position, text.toUtf8());
}

Statement &Statement::bindText(int position, const QByteArray &utf8)
{
    if (m_failure == SQLITE_OK)
        check(sqlite3_bind_text64(
            m_statement, position, utf8.constData(), sqlite3_uint64(utf8.size()), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement &Statement::bindBlob(int position, const QByteArray &bytes)
{
    if (m_failure == SQLITE_OK)
        check(sqlite3_bind_blob64(
            m_statement, position, bytes.constData(), sqlite3_uint64(bytes.size()), SQLITE_TRANSIENT));
    return *this;
}

Statement &Statement::bindNull(int position)
{
    if (m_failure == SQLITE_OK)
        check(sqlite3_bind_null(m_statement, position));
    return *this;
}

Statement &Statement::bindColumn(int position, const Statement &row, int column)
{
    if (m_failure == SQLITE_OK && row.m_statement)
        check(sqlite3_bind_value(m_statement, position, sqlite3_column_value(row.m_statement, column)));
    return *this;
}

bool Statement::nextRow()
{
    if (m_failure != SQLITE_OK)
        return false;
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    check(code);
    sqlite3_reset(m_statement); // gives up the read transaction as soon as there is nothing left to read
    return false;
}

Status Statement::run()
{
    while (nextRow()) { }
    if (m_statement)
        sqlite3_clear_bindings(m_statement);
    return status();
}

void Statement::reset()
{
    if (m_statement)
        sqlite3_reset(m_statement);
}

Status Statement::status() const
{
    if (m_failure == SQLITE_OK)
        return ok();
    return sqliteError(m_database, m_failure, m_message);
}

qint64 Statement::integer(int column) const
{
    return m_statement ? sqlite3_column_int64(m_statement, column) : 0;
}

double Statement::real(int column) const
{
    return m_statement ? sqlite3_column_double(m_statement, column) : 0;
}

QString Statement::text(int column) const
{
    return QString::fromUtf8(utf8(column));
}

QByteArrayView Statement::utf8(int column) const
{
    if (!m_statement)
        return {};
    // The text has to be asked for before its length, which is that of the form it was last asked for in.
    const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(m_statement, column));
    return { bytes, sqlite3_column_bytes(m_statement, column) };
}

QByteArray Statement::blob(int column) const
{
    if (!m_statement)
        return {};
    const auto *bytes = static_cast<const char *>(sqlite3_column_blob(m_statement, column));
    return QByteArray(bytes, sqlite3_column_bytes(m_statement, column));
}

bool Statement::isNull(int column) const
{
    return !m_statement || sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

bool Statement::isInteger(int column) const
{
    return m_statement && sqlite3_column_type(m_statement, column) == SQLITE_INTEGER;
}

bool isCorruption(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

Error sqliteError(sqlite3 *database, int code, const QString &message)
{
    const char *file = database ? sqlite3_db_filename(database, "main") : nullptr;
    return {
        u"state file %1: %2 (SQLite code %3)"_s.arg(QString::fromLocal8Bit(file ? file : "")).arg(message).arg(code), {}
    };
}

} // namespace gatehouse
