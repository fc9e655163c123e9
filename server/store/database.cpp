// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/database.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <unordered_map>

#include <QtCore/QDateTime>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QtEndian>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "server/store/cleanmark.h"
#include "server/store/filespace.h"
#include "server/store/statelock.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kApplicationId = 0x47415445; // "GATE", in the file's header
constexpr qint64 kFormatVersion = 1;
// Of the file's header: https://www.sqlite.org/fileformat.html#the_database_header
constexpr char kMagic[] = "SQLite format 3"; // with its NUL
constexpr qsizetype kHeaderBytes = 100;
constexpr qsizetype kVersionOffset = 60;
constexpr qsizetype kApplicationIdOffset = 68;
// Nothing but a person's tool (a backup, say) can hold the file: wait for it, but briefly while starting.
constexpr int kBusyMillisWhileOpening = 500;
constexpr int kBusyMillis = 5000;

/// What came of opening a file: a handle, or the reason why not.
struct Opening
{
    sqlite3 *handle = nullptr;
    int code = SQLITE_OK;
    QString message;

    [[nodiscard]] bool isCorrupt() const { return isCorruption(code); }
};

void fail(Opening &opening, int code, const QString &message)
{
    if (opening.code != SQLITE_OK)
        return;
    opening.code = code;
    opening.message = message;
}

/// Runs one statement and returns the first column of its first row.
QString queryText(Opening &opening, const char *sql)
{
    if (opening.code != SQLITE_OK)
        return {};
    Statement statement = [&] {
        sqlite3_stmt *prepared = nullptr;
        sqlite3_prepare_v2(opening.handle, sql, -1, &prepared, nullptr);
        return Statement(opening.handle, prepared, nullptr);
    }();
    const QString answer = statement.nextRow() ? statement.text(0) : QString();
    if (const Status status = statement.status(); !status)
        fail(opening, sqlite3_extended_errcode(opening.handle), QString::fromUtf8(sqlite3_errmsg(opening.handle)));
    return answer;
}

void checkOrigin(Opening &opening)
{
    const qint64 application = queryText(opening, "PRAGMA application_id").toLongLong();
    const qint64 version = queryText(opening, "PRAGMA user_version").toLongLong();
    const bool isNew = queryText(opening, "SELECT count(*) FROM sqlite_schema").toLongLong() == 0;
    if (application != kApplicationId && !isNew)
        fail(opening, SQLITE_MISUSE, u"it is the database of another program"_s);
    else if (version > kFormatVersion)
        fail(opening, SQLITE_MISUSE, u"it was made by a newer version of Gatehouse (format %1)"_s.arg(version));
    if (application == kApplicationId)
        return;
    queryText(opening, QByteArray("PRAGMA application_id=" + QByteArray::number(kApplicationId)).constData());
    queryText(opening, QByteArray("PRAGMA user_version=" + QByteArray::number(kFormatVersion)).constData());
}

void readThrough(Opening &opening)
{
    const QString verdict = queryText(opening, "PRAGMA quick_check(1)");
    if (verdict != "ok"_L1)
        fail(opening, SQLITE_CORRUPT, verdict);
}

void configure(Opening &opening, bool isToBeReadThrough)
{
    sqlite3_extended_result_codes(opening.handle, 1);
    sqlite3_busy_timeout(opening.handle, kBusyMillisWhileOpening);
    // Damage is to be found now, with a way out, and not at the first read of a damaged page.
    if (isToBeReadThrough)
        readThrough(opening);
    checkOrigin(opening);
    if (opening.code == SQLITE_OK)
        filespace::prepare(opening.handle);
    if (queryText(opening, "PRAGMA journal_mode=WAL") != "wal"_L1)
        fail(opening, SQLITE_CANTOPEN, u"its file system cannot hold a write-ahead log"_s);
    queryText(opening, "PRAGMA synchronous=FULL");
    queryText(opening, "PRAGMA foreign_keys=ON");
    queryText(opening, "PRAGMA temp_store=MEMORY");
    queryText(opening, "PRAGMA cache_size=-8000");            // 8 MB
    queryText(opening, "PRAGMA journal_size_limit=16777216"); // what a burst made large shrinks again
    sqlite3_busy_timeout(opening.handle, kBusyMillis);
}

/// Makes the file if there is none, private, and gives the operating system's own reason if that is not possible.
std::optional<Error> checkWritable(const QString &path)
{
    const int fd = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return Error{ u"cannot write the state file %1: %2"_s.arg(path, qt_error_string(errno)), u"STATE_DIR"_s };
    ::close(fd);
    return std::nullopt;
}

Opening openFile(const QString &path, bool isToBeReadThrough)
{
    Opening opening;
    const int code = sqlite3_open_v2(
        path.toUtf8().constData(), &opening.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK)
        fail(opening, code, QString::fromUtf8(opening.handle ? sqlite3_errmsg(opening.handle) : "out of memory"));
    else
        configure(opening, isToBeReadThrough);
    if (opening.code == SQLITE_OK)
        return opening;
    sqlite3_close(opening.handle);
    opening.handle = nullptr;
    return opening;
}

/// Renames a corrupt file, and what belongs to it. The time has seconds only: a counter keeps a second one in a second
/// apart.
Result<QString> moveAside(const QString &path)
{
    const QString base = path + ".corrupt-"_L1 + QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd'T'HHmmss'Z'");
    QString name = base;
    for (int attempt = 2; QFile::exists(name); ++attempt)
        name = base + u'-' + QString::number(attempt);
    // The log first: should we be killed in between, the damaged file must never meet a log that is not its own.
    for (const QLatin1StringView suffix : { "-shm"_L1, "-wal"_L1, ""_L1 }) {
        QFile file(path + suffix);
        if (file.exists() && !file.rename(name + suffix))
            return Error{ u"the state file %1 is corrupt and cannot be renamed to %2: %3"_s.arg(
                              file.fileName(), name + suffix, file.errorString()),
                u"STATE_DIR"_s };
    }
    return name;
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
    std::unique_ptr<StateLock> lock; ///< null for a reader
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

Result<std::unique_ptr<Database>> Database::open(const QString &path, qint64 alwaysReadThroughBytes)
{
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    Result<std::unique_ptr<StateLock>> lock = StateLock::acquire(path);
    if (!lock)
        return lock.error();
    parts->lock = std::move(lock).value();
    const bool isKnownGood = cleanmark::take(path);

    QString setAside;
    Opening opening;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (std::optional<Error> error = checkWritable(path))
            return *std::move(error);
        opening = openFile(path, !isKnownGood || QFileInfo(path).size() <= alwaysReadThroughBytes);
        if (!opening.isCorrupt() || attempt > 0)
            break;
        Result<QString> name = moveAside(path);
        if (!name)
            return name.error();
        setAside = *name;
    }
    if (!opening.handle)
        return Error{
            u"cannot open the state file %1: %2 (SQLite code %3)"_s.arg(path, opening.message).arg(opening.code),
            u"STATE_DIR"_s
        };
    parts->handle = opening.handle;
    return std::unique_ptr<Database>(new Database(std::move(parts), std::move(setAside)));
}

Result<std::unique_ptr<Database>> Database::openReader(const QString &path)
{
    Opening opening;
    const int code = sqlite3_open_v2(
        path.toUtf8().constData(), &opening.handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    parts->handle = opening.handle; // also of one that could not be opened: it is to be closed
    std::unique_ptr<Database> reader(new Database(std::move(parts), {}));
    if (code != SQLITE_OK)
        return sqliteError(opening.handle, code, u"cannot be opened once more"_s);
    sqlite3_extended_result_codes(opening.handle, 1);
    sqlite3_busy_timeout(opening.handle, kBusyMillis);
    queryText(opening, "PRAGMA temp_store=MEMORY");
    queryText(opening, "PRAGMA cache_size=-2000"); // 2 MB
    if (opening.code != SQLITE_OK)
        return sqliteError(opening.handle, opening.code, opening.message);
    return reader;
}

Status Database::examine(const QString &path)
{
    if (!QFile::exists(path))
        return ok();
    const auto refuse = [&path](const QString &why) {
        return Error{ u"the state file %1: %2"_s.arg(path, why), u"STATE_DIR"_s };
    };
    QFile file(path);
    if (!file.open(QIODevice::ReadWrite | QIODevice::ExistingOnly))
        return refuse(file.errorString());
    const QByteArray header = file.read(kHeaderBytes);
    if (header.isEmpty())
        return ok(); // made, and nothing more
    if (header.size() < kHeaderBytes || !header.startsWith(QByteArrayView(kMagic, sizeof kMagic)))
        return refuse(u"it is corrupt; a start sets it aside and begins a new one"_s);
    if (qFromBigEndian<quint32>(header.constData() + kApplicationIdOffset) != kApplicationId)
        return refuse(u"it is the database of another program"_s);
    const qint64 version = qFromBigEndian<quint32>(header.constData() + kVersionOffset);
    if (version > kFormatVersion)
        return refuse(u"it was made by a newer version of Gatehouse (format %1)"_s.arg(version));
    return ok();
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

bool Database::isDamaged() const
{
    return m_parts->isDamaged;
}

void Database::noteDamage()
{
    m_parts->isDamaged = true;
}

} // namespace gatehouse
