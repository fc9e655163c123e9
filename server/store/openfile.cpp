// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/openfile.h"

#include <cerrno>
#include <memory>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QUrl>
#include <QtCore/QtEndian>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "server/store/filespace.h"
#include "server/store/readwatch.h"

using namespace Qt::StringLiterals;

namespace gatehouse::openfile {

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
    Statement statement = Statement::once(opening.handle, sql);
    const QString answer = statement.nextRow() ? statement.text(0) : QString();
    if (const Status status = statement.status(); !status)
        fail(opening, sqlite3_extended_errcode(opening.handle), QString::fromUtf8(sqlite3_errmsg(opening.handle)));
    return answer;
}

void claim(Opening &opening)
{
    queryText(opening, QByteArray("PRAGMA application_id=" + QByteArray::number(kApplicationId)).constData());
    queryText(opening, QByteArray("PRAGMA user_version=" + QByteArray::number(kFormatVersion)).constData());
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
    if (application != kApplicationId)
        claim(opening);
}

void readThrough(Opening &opening, qint64 fileBytes, const ReadingWatch &watch)
{
    ReadWatch::Progress progress;
    if (watch)
        progress = [&watch, fileBytes](qint64 bytes) { return watch({ bytes, fileBytes }); };
    const ReadWatch reading(opening.handle, std::move(progress));
    const QString verdict = queryText(opening, "PRAGMA quick_check(1)");
    opening.isStopped = reading.isStopped();
    if (verdict != "ok"_L1)
        fail(opening, opening.isStopped ? SQLITE_INTERRUPT : SQLITE_CORRUPT, verdict);
}

/// Whether closing the file writes what its log has into it.
void mergeLogAtClose(sqlite3 *handle, bool isMerged)
{
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isMerged ? 0 : 1, nullptr);
}

void configure(Opening &opening)
{
    if (queryText(opening, "PRAGMA journal_mode=WAL") != "wal"_L1)
        fail(opening, SQLITE_CANTOPEN, u"its file system cannot hold a write-ahead log"_s);
    queryText(opening, "PRAGMA synchronous=FULL");
    queryText(opening, "PRAGMA foreign_keys=ON");
    queryText(opening, "PRAGMA temp_store=MEMORY");
    queryText(opening, "PRAGMA cache_size=-8000");            // 8 MB
    queryText(opening, "PRAGMA journal_size_limit=16777216"); // what a burst made large shrinks again
    sqlite3_busy_timeout(opening.handle, kBusyMillis);
}

Opening begin(const QString &path, int flags)
{
    Opening opening;
    const int code = sqlite3_open_v2(path.toUtf8().constData(), &opening.handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        fail(opening, code, QString::fromUtf8(opening.handle ? sqlite3_errmsg(opening.handle) : "out of memory"));
        return opening;
    }
    sqlite3_extended_result_codes(opening.handle, 1);
    sqlite3_busy_timeout(opening.handle, kBusyMillisWhileOpening);
    return opening;
}

void closeFailed(Opening &opening)
{
    if (opening.code == SQLITE_OK)
        return;
    sqlite3_close(opening.handle);
    opening.handle = nullptr;
}

} // namespace

std::optional<Error> checkWritable(const QString &path)
{
    const int fd = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return Error{ u"cannot write the state file %1: %2"_s.arg(path, qt_error_string(errno)), u"STATE_DIR"_s };
    ::close(fd);
    return std::nullopt;
}

Opening open(const QString &path, bool isToBeReadThrough, const ReadingWatch &watch)
{
    Opening opening = begin(path, SQLITE_OPEN_READWRITE);
    if (opening.code == SQLITE_OK) {
        mergeLogAtClose(opening.handle, false);
        if (isToBeReadThrough)
            readThrough(opening, QFileInfo(path).size(), watch);
        checkOrigin(opening);
        if (opening.code == SQLITE_OK)
            filespace::prepare(opening.handle);
        configure(opening);
        if (opening.code == SQLITE_OK)
            mergeLogAtClose(opening.handle, true);
    }
    closeFailed(opening);
    return opening;
}

sqlite3 *openDamaged(const QString &path)
{
    Opening opening = begin(path, SQLITE_OPEN_READWRITE); // a log cannot be read by who may not write
    if (opening.code == SQLITE_OK) {
        mergeLogAtClose(opening.handle, false);
        queryText(opening, "PRAGMA query_only=ON");
        queryText(opening, "PRAGMA cell_size_check=ON");
        queryText(opening, "SELECT count(*) FROM sqlite_schema");
    }
    closeFailed(opening);
    return opening.handle;
}

Opening openReader(const QString &path)
{
    Opening opening = begin(path, SQLITE_OPEN_READONLY);
    if (opening.code == SQLITE_OK) {
        sqlite3_busy_timeout(opening.handle, kBusyMillis);
        queryText(opening, "PRAGMA temp_store=MEMORY");
        queryText(opening, "PRAGMA cache_size=-2000"); // 2 MB
    }
    closeFailed(opening);
    return opening;
}

Opening openUntouched(const QString &path)
{
    const bool hasLog = QFileInfo(path + "-wal"_L1).size() > 0;
    QUrl url = QUrl::fromLocalFile(QFileInfo(path).absoluteFilePath());
    url.setQuery(hasLog ? u"mode=ro"_s : u"mode=ro&immutable=1"_s);
    Opening opening = begin(url.toString(QUrl::FullyEncoded), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    closeFailed(opening);
    return opening;
}

Opening openDraft(const QString &path)
{
    Opening opening = begin(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    claim(opening);
    queryText(opening, "PRAGMA journal_mode=MEMORY");
    queryText(opening, "PRAGMA synchronous=OFF");
    queryText(opening, "PRAGMA temp_store=MEMORY");
    closeFailed(opening);
    return opening;
}

Status examine(const QString &path)
{
    const auto refuse = [&path](const QString &why) {
        return Error{ u"the state file %1: %2"_s.arg(path, why), u"STATE_DIR"_s };
    };
    const auto corrupt = [&refuse](const QString &how) {
        return refuse(u"it is corrupt (%1); a start sets it aside, and saves what it can read"_s.arg(how));
    };
    QFile file(path);
    if (!file.open(QIODevice::ReadWrite | QIODevice::ExistingOnly))
        return refuse(file.errorString());
    const QByteArray header = file.read(kHeaderBytes);
    if (header.isEmpty())
        return ok(); // made, and nothing more
    if (header.size() < kHeaderBytes || !header.startsWith(QByteArrayView(kMagic, sizeof kMagic)))
        return corrupt(u"its header is not one"_s);
    if (qFromBigEndian<quint32>(header.constData() + kApplicationIdOffset) != kApplicationId)
        return refuse(u"it is the database of another program"_s);
    const qint64 version = qFromBigEndian<quint32>(header.constData() + kVersionOffset);
    if (version > kFormatVersion)
        return refuse(u"it was made by a newer version of Gatehouse (format %1)"_s.arg(version));
    Opening opening = openUntouched(path);
    readThrough(opening, file.size(), {});
    const std::unique_ptr<sqlite3, int (*)(sqlite3 *)> closed(opening.handle, sqlite3_close);
    return opening.isCorrupt() ? corrupt(opening.message.left(200)) : ok();
}

} // namespace gatehouse::openfile
