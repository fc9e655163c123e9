// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/rescue.h"

#include <cerrno>
#include <cstdio>

#include <QtCore/QDateTime>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "server/store/openfile.h"
#include "server/store/readwatch.h"
#include "server/store/salvage.h"
#include "server/store/tablecopies.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString draftOf(const QString &stateFile)
{
    return stateFile + ".salvaging"_L1;
}

/// A draft that is complete.
QString finishedOf(const QString &stateFile)
{
    return stateFile + ".salvaged"_L1;
}

bool syncPath(const QString &path, int flags)
{
    const int fd = ::open(QFile::encodeName(path).constData(), flags | O_CLOEXEC);
    const bool isDurable = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0)
        ::close(fd);
    return isDurable;
}

Status rename(const QString &from, const QString &to)
{
    if (std::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) == 0
        && syncPath(QFileInfo(to).path(), O_RDONLY | O_DIRECTORY))
        return ok();
    return Error{ u"cannot rename %1 to %2: %3"_s.arg(from, to, qt_error_string(errno)), u"STATE_DIR"_s };
}

/// Where a damaged file and what belongs to it can go.
QString freeNameFor(const QString &path)
{
    // The time has seconds only: a counter keeps a second one in a second apart.
    const QString base = path + ".corrupt-"_L1 + QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd'T'HHmmss'Z'");
    QString name = base;
    for (int attempt = 2; QFile::exists(name) || QFile::exists(name + "-wal"_L1) || QFile::exists(name + "-shm"_L1);
         ++attempt)
        name = base + u'-' + QString::number(attempt);
    return name;
}

Status moveTo(const QString &name, const QString &path)
{
    // The log first: should we be killed in between, the damaged file must never meet a log that is not its own.
    for (const QLatin1StringView suffix : { "-shm"_L1, "-wal"_L1, ""_L1 }) {
        QFile file(path + suffix);
        if (file.exists() && !file.rename(name + suffix))
            return Error{ u"the state file %1 is corrupt and cannot be renamed to %2: %3"_s.arg(
                              file.fileName(), name + suffix, file.errorString()),
                u"STATE_DIR"_s };
    }
    return ok();
}

} // namespace

Result<QString> moveAside(const QString &path)
{
    const QString name = freeNameFor(path);
    const Status moved = moveTo(name, path);
    return moved ? Result<QString>(name) : Result<QString>(moved.error());
}

Rescue::Rescue(QString stateFile, const DatabaseOptions &options)
    : m_stateFile(std::move(stateFile))
    , m_options(options)
{
}

void Rescue::finishEarlier(const QString &stateFile)
{
    if (!QFile::exists(finishedOf(stateFile)))
        return;
    if (!QFile::exists(stateFile))
        (void)rename(finishedOf(stateFile), stateFile); // else it is done anew
    else
        QFile::remove(finishedOf(stateFile));
}

bool Rescue::isMissing(const QString &stateFile)
{
    return !QFile::exists(stateFile) && QFile::exists(TableCopies::pathOf(stateFile));
}

Result<QString> Rescue::run()
{
    const bool isThere = QFile::exists(m_stateFile);
    const QString draftFile = draftOf(m_stateFile);
    QFile::remove(draftFile);
    if (std::optional<Error> error = openfile::checkWritable(draftFile))
        return *std::move(error);
    Status status = ok();
    {
        Result<std::unique_ptr<Database>> draft = Database::openDraft(draftFile);
        status = draft ? fill(**draft) : Status(draft.error());
    }
    if (status && !syncPath(draftFile, O_RDONLY))
        status = Error{ qt_error_string(errno), {} };
    if (!status) {
        QFile::remove(draftFile);
        if (status.error().field == storeerrors::kStopped)
            return status.error();
        return Error{ u"the state file %1 is damaged, and what can be read of it cannot be saved: %2"_s.arg(
                          m_stateFile, status.error().message),
            u"STATE_DIR"_s };
    }
    m_report.at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    m_report.file = isThere ? freeNameFor(m_stateFile) : QString();
    // Before the new file can be in use, which it can from the first rename on, whatever happens next: a loss is told
    // of once too often rather than not at all.
    status = m_report.save(m_stateFile);
    if (status)
        status = rename(draftFile, finishedOf(m_stateFile));
    if (status && isThere)
        status = moveTo(m_report.file, m_stateFile);
    if (status)
        status = rename(finishedOf(m_stateFile), m_stateFile);
    if (status)
        return m_report.file;
    QFile::remove(draftFile);
    return status.error();
}

Status Rescue::fill(Database &draft)
{
    Status status = m_options.createTables(draft);
    if (status)
        status = draft.execute("BEGIN");
    sqlite3 *damaged = QFile::exists(m_stateFile) ? openfile::openDamaged(m_stateFile) : nullptr;
    if (damaged) {
        if (status)
            status = salvageAll(draft, damaged);
        sqlite3_close_v2(damaged);
    } else {
        m_report.incomplete = tablesOf(draft);
    }
    const bool isLossless = m_report.incomplete.isEmpty();
    if (status)
        status = takeCopies(draft);
    if (status && m_options.afterLoss && !isLossless)
        status = m_options.afterLoss(draft);
    return status ? draft.execute("COMMIT") : status;
}

QByteArrayList Rescue::tablesOf(Database &draft) const
{
    QByteArrayList tables = m_options.keptTables;
    Statement row = draft.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                                  " AND name <> 'store_probe' ORDER BY rowid");
    while (row.nextRow()) {
        if (const QByteArray name = row.text(0).toUtf8(); !tables.contains(name))
            tables.append(name);
    }
    return tables;
}

Status Rescue::salvageAll(Database &draft, sqlite3 *damaged)
{
    ReadWatch::Progress progress;
    if (m_options.watch)
        progress = [this, size = QFileInfo(m_stateFile).size()](qint64 bytes) {
            return m_options.watch({ bytes, size, true });
        };
    const ReadWatch reading(damaged, std::move(progress));
    QByteArrayList there;
    Statement schema = Statement::once(damaged, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    while (schema.nextRow())
        there.append(schema.text(0).toUtf8());
    const bool isSchemaWhole = schema.status().isOk();
    for (const QByteArray &table : tablesOf(draft)) {
        if (isSchemaWhole && !there.contains(table))
            continue; // of a newer version than the file is of
        Salvage salvage(damaged, draft, table);
        const Result<bool> isWhole = salvage.run();
        if (reading.isStopped())
            return Error{ u"stopped while the damaged state file %1 was being read"_s.arg(m_stateFile),
                storeerrors::kStopped };
        if (!isWhole)
            return isWhole.error();
        if (!*isWhole)
            m_report.incomplete.append(table);
    }
    return salvageNumbers(draft, damaged);
}

/// The numbers that a table has ever given out, so that none is given out twice.
Status Rescue::salvageNumbers(Database &draft, sqlite3 *damaged)
{
    Statement row = Statement::once(damaged, "SELECT name, seq FROM sqlite_sequence");
    Status status = ok();
    while (status && row.nextRow()) {
        status = draft.prepare("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1")
                     .bindColumn(1, row, 0)
                     .bindColumn(2, row, 1)
                     .run();
        if (status && draft.changes() == 0)
            status = draft.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)")
                         .bindColumn(1, row, 0)
                         .bindColumn(2, row, 1)
                         .run();
    }
    return status;
}

Status Rescue::takeCopies(Database &draft)
{
    for (const QByteArray &table : m_options.keptTables) {
        if (!m_report.incomplete.contains(table))
            continue;
        const Result<bool> isRestored = TableCopies::restore(draft, m_stateFile, table);
        if (!isRestored)
            return isRestored.error();
        m_report.incomplete.removeAll(table);
        (*isRestored ? m_report.fromCopy : m_report.unguarded).append(table);
    }
    return ok();
}

} // namespace gatehouse
