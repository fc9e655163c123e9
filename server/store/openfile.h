// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QtCore/QString>

#include "server/store/statement.h"
#include "shared/util/result.h"

struct sqlite3;

namespace gatehouse {

/// How far the reading of a large state file at the start has come.
struct ReadingProgress
{
    qint64 readBytes = 0; ///< may be more than the file has: some of it is read twice
    qint64 fileBytes = 0;
    bool isSalvage = false; ///< it is damaged, and what can be read is copied
};
/// Called now and then; false ends the reading, and with it the start.
using ReadingWatch = std::function<bool(const ReadingProgress &)>;

/// A file of SQLite's that is opened for this process alone, as the state file is. For the thread that opens it.
namespace openfile {

/// What came of opening a file: a handle, or the reason why not.
struct Opening
{
    sqlite3 *handle = nullptr;
    int code = 0; ///< of SQLite
    QString message;
    bool isStopped = false; ///< the watch ended it

    [[nodiscard]] bool isCorrupt() const { return !isStopped && isCorruption(code); }
};

/// Makes the file if there is none, private, and gives the operating system's own reason if that is not possible.
[[nodiscard]] std::optional<Error> checkWritable(const QString &path);

/// Opens a file that is there, sets it up as our own, and reads it through first if that is asked for: damage is to be
/// found now, with a way out, and not at the first read of a damaged page. One that is damaged, another program's or of
/// a newer version is closed again as it is, with its log.
[[nodiscard]] Opening open(const QString &path, bool isToBeReadThrough, const ReadingWatch &watch);

/// Opens a damaged file to read what can be read; nothing is written to it, nor to its log. Null if that is impossible.
[[nodiscard]] sqlite3 *openDamaged(const QString &path);

/// Opens a file that this process has open already, for reading alone.
[[nodiscard]] Opening openReader(const QString &path);

/// Opens a file as it is, for reading alone: nothing is written, nor is a file made beside it, and another process may
/// have it open. Without a write-ahead log nobody writes, and the file is read as one that does not change; with one,
/// the log is part of it, and its index is there too.
[[nodiscard]] Opening openUntouched(const QString &path);

/// Makes a file that is filled and closed before anybody relies on it: without a log, and without waiting for the disk.
[[nodiscard]] Opening openDraft(const QString &path);

/// Whether the file is one of ours and sound, read through as it is; the error says what it is instead. An empty file
/// is, and one that cannot be read now.
[[nodiscard]] Status examine(const QString &path);

} // namespace openfile

} // namespace gatehouse
