// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <QtCore/QByteArrayList>
#include <QtCore/QString>

#include "server/store/openfile.h"
#include "server/store/statement.h"
#include "shared/util/result.h"

struct sqlite3;

namespace gatehouse {

class Database;

/// Codes that an Error of the store carries in its `field`.
namespace storeerrors {

inline constexpr QLatin1StringView kStopped("stopped");    ///< whoever watched ended it
inline constexpr QLatin1StringView kHanging("disk_hangs"); ///< the disk has not answered for a while

} // namespace storeerrors

/// How a state file is opened.
struct DatabaseOptions
{
    /// A fraction of a second even on a slow disk.
    static constexpr qint64 kAlwaysReadThroughBytes = 32 * 1024 * 1024;

    qint64 alwaysReadThroughBytes = kAlwaysReadThroughBytes;
    ReadingWatch watch{};                             ///< of long reading; empty: nobody
    std::function<Status(Database &)> createTables{}; ///< empty: nothing is saved of a damaged file
    QByteArrayList keptTables{};                      ///< saved first; a copy of them is kept beside (TableCopies)
    std::function<Status(Database &)> afterLoss{};    ///< puts right what is left when rows are missing
};

/// A connection to the state file: SQLite with WAL and synchronous=FULL. Used by one thread at a time: the store thread
/// has the one that writes, each reader thread (ReaderPool) one that cannot. Each part of the server creates its own
/// tables (`CREATE TABLE IF NOT EXISTS`) through a function that the composition root passes to the StoreThread.
///
/// On SQLite's own C interface rather than Qt SQL: we need its extended error codes (to tell a corrupt file from a full
/// disk), a cache of prepared statements without a lookup by text, and no process-wide registry of named connections.
class Database final
{
public:
    /// Opens or creates `path` for this process alone. A file that SQLite finds corrupt or that is no database is
    /// renamed to "<path>.corrupt-<UTC time>" (with its -wal and -shm), reported by setAside(), and never deleted. What
    /// can be read of it is in the new one (Rescue), if the options say how its tables are made. Unwritable, in use by
    /// another process, out of space, of another program or of a newer version is an error that names the path or its
    /// directory; such a file is left as it is.
    ///
    /// The file is read through before it is used, so that damage is found while there is a way out. For a large one
    /// that takes seconds: above `alwaysReadThroughBytes` it is left out if the file was closed in good order and has
    /// not been touched since. Damage that is met later is an error of its statement, and the next start reads the file
    /// through. The options' watch may end the reading: that is an error with the field kStopped.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(
        const QString &path, const DatabaseOptions &options = {});
    /// A further connection to a file that this process has open already, and keeps open for longer. It cannot write.
    [[nodiscard]] static Result<std::unique_ptr<Database>> openReader(const QString &path);
    /// One that is filled and closed before anybody relies on it: neither locked nor durable.
    [[nodiscard]] static Result<std::unique_ptr<Database>> openDraft(const QString &path);
    /// Whether open() could use the file as it is; a file that is not there can be made. Reads it through, changes
    /// nothing and needs no lock, so another process may ask while a server runs.
    [[nodiscard]] static Status examine(const QString &path);
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    /// The name that a corrupt file was given; empty if it was sound.
    [[nodiscard]] QString setAside() const { return m_setAside; }
    /// Whether a damaged page has been met. Then the next start reads the file through.
    [[nodiscard]] bool isDamaged() const;
    /// Another connection has met one.
    void noteDamage();
    /// Counts on in `steps` (which outlives it) while SQLite computes, and not while it waits for the disk.
    void countSteps(std::atomic<quint64> &steps);

    /// Runs SQL without parameters or rows; may hold several statements.
    Status execute(const char *sql);
    /// A statement from the cache, prepared at its first use. The cache's key is the address of `sql`, so that it
    /// should be a literal; other text works too, but is prepared anew when it changes.
    [[nodiscard]] Statement prepare(const char *sql);
    [[nodiscard]] qint64 lastInsertRowId() const;
    /// Rows that the last INSERT, UPDATE or DELETE touched.
    [[nodiscard]] qint64 changes() const;
    /// Whether a BEGIN is open. A grave error (disk full, I/O) may have ended it with a rollback.
    [[nodiscard]] bool isInTransaction() const;

private:
    struct Parts;
    explicit Database(std::unique_ptr<Parts> parts, QString setAside);
    [[nodiscard]] static Result<std::unique_ptr<Database>> ofOwn(const QString &path, const openfile::Opening &opening);

    std::unique_ptr<Parts> m_parts;
    QString m_setAside;
};

} // namespace gatehouse
