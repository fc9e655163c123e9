// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/database.h"

#include <cstring>
#include <unordered_map>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <sqlite3.h>

#include "server/store/cleanmark.h"
#include "server/store/openfile.h"
#include "server/store/rescue.h"
#include "server/store/statelock.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kInstructionsPerStep = 20'000; ///< well below a millisecond of SQLite's

int countStep(void *steps)
{
    static_cast<std::atomic<quint64> *>(steps)->fetch_add(1, std::memory_order_relaxed);
    return 0;
}

/// Makes room for a new file in place of a damaged or missing one; the name that the damaged one was given.
Result<QString> replaceDamaged(const QString &path, const DatabaseOptions &options)
{
    return options.createTables ? Rescue(path, options).run() : moveAside(path);
}

} // namespace

struct Database::Parts
{
    struct Entry
    {
        sqlite3_stmt *statement = nullptr;
        bool isInUse = false;
    };

    QString path;
    std::unique_ptr<StateLock> lock; ///< null for a reader and for a draft
    sqlite3 *handle = nullptr;
    bool isDamaged = false;                        ///< a damaged page was met
    std::unordered_map<const char *, Entry> cache; // its nodes stay where they are: statements point to isInUse
};

Database::Database(std::unique_ptr<Parts> parts, QString setAside)
    : m_parts(std::move(parts))
    , m_setAside(std::move(setAside))
{
}

Database::~Database()
{
    for (auto &[sql, entry] : m_parts->cache)
        sqlite3_finalize(entry.statement);
    if (sqlite3_close(m_parts->handle) == SQLITE_OK && m_parts->lock && !m_parts->isDamaged)
        cleanmark::leave(m_parts->path);
}

Result<std::unique_ptr<Database>> Database::open(const QString &path, const DatabaseOptions &options)
{
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    Result<std::unique_ptr<StateLock>> lock = StateLock::acquire(path);
    if (!lock)
        return lock.error();
    parts->lock = std::move(lock).value();
    const bool isKnownGood = cleanmark::take(path);
    Rescue::finishEarlier(path);

    QString setAside;
    if (options.createTables && Rescue::isMissing(path)) {
        if (const Result<QString> made = replaceDamaged(path, options); !made)
            return made.error();
    }
    openfile::Opening opening;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (std::optional<Error> error = openfile::checkWritable(path))
            return *std::move(error);
        const bool isToBeReadThrough = !isKnownGood || QFileInfo(path).size() <= options.alwaysReadThroughBytes;
        opening = openfile::open(path, isToBeReadThrough && attempt == 0, options.watch);
        if (!opening.isCorrupt() || attempt > 0)
            break;
        Result<QString> name = replaceDamaged(path, options);
        if (!name)
            return name.error();
        setAside = *name;
    }
    if (opening.isStopped)
        return Error{ u"stopped while the state file %1 was being read through"_s.arg(path), storeerrors::kStopped };
    if (!opening.handle)
        return Error{
            u"cannot open the state file %1: %2 (SQLite code %3)"_s.arg(path, opening.message).arg(opening.code),
            u"STATE_DIR"_s
        };
    parts->handle = opening.handle;
    return std::unique_ptr<Database>(new Database(std::move(parts), std::move(setAside)));
}

Result<std::unique_ptr<Database>> Database::ofOwn(const QString &path, const openfile::Opening &opening)
{
    if (!opening.handle)
        return Error{ u"cannot open %1: %2 (SQLite code %3)"_s.arg(path, opening.message).arg(opening.code),
            u"STATE_DIR"_s };
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    parts->handle = opening.handle;
    return std::unique_ptr<Database>(new Database(std::move(parts), {}));
}

Result<std::unique_ptr<Database>> Database::openReader(const QString &path)
{
    return ofOwn(path, openfile::openReader(path));
}

Result<std::unique_ptr<Database>> Database::openDraft(const QString &path)
{
    return ofOwn(path, openfile::openDraft(path));
}

Status Database::examine(const QString &path)
{
    return QFile::exists(path) ? openfile::examine(path) : ok();
}

bool Database::isDamaged() const
{
    return m_parts->isDamaged;
}

void Database::noteDamage()
{
    m_parts->isDamaged = true;
}

void Database::countSteps(std::atomic<quint64> &steps)
{
    sqlite3_progress_handler(m_parts->handle, kInstructionsPerStep, &countStep, &steps);
}

Status Database::execute(const char *sql)
{
    char *message = nullptr;
    const int code = sqlite3_exec(m_parts->handle, sql, nullptr, nullptr, &message);
    const QString text = QString::fromUtf8(message);
    sqlite3_free(message);
    if (code == SQLITE_OK)
        return ok();
    m_parts->isDamaged |= isCorruption(code);
    return sqliteError(m_parts->handle, code, text);
}

Statement Database::prepare(const char *sql)
{
    Parts::Entry &entry = m_parts->cache[sql];
    sqlite3_stmt *prepared = nullptr;
    const auto prepareNow = [&](unsigned int flags) {
        sqlite3_prepare_v3(m_parts->handle, sql, -1, flags, &prepared, nullptr);
        return prepared;
    };
    if (entry.isInUse)
        return Statement(m_parts->handle, prepareNow(0), nullptr, &m_parts->isDamaged);
    if (entry.statement && std::strcmp(sqlite3_sql(entry.statement), sql) != 0) {
        sqlite3_finalize(entry.statement);
        entry.statement = nullptr;
    }
    if (!entry.statement)
        entry.statement = prepareNow(SQLITE_PREPARE_PERSISTENT);
    entry.isInUse = entry.statement != nullptr;
    return Statement(m_parts->handle, entry.statement, &entry.isInUse, &m_parts->isDamaged);
}

qint64 Database::lastInsertRowId() const
{
    return sqlite3_last_insert_rowid(m_parts->handle);
}

qint64 Database::changes() const
{
    return sqlite3_changes(m_parts->handle);
}

bool Database::isInTransaction() const
{
    return sqlite3_get_autocommit(m_parts->handle) == 0;
}

} // namespace gatehouse
