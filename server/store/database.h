// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QString>

#include "server/store/statement.h"
#include "shared/util/result.h"

struct sqlite3;

namespace gatehouse {

/// A connection to the state file: SQLite with WAL and synchronous=FULL. Used by one thread at a time: the store thread
/// has the one that writes, each reader thread (ReaderPool) one that cannot. Each part of the server creates its own
/// tables (`CREATE TABLE IF NOT EXISTS`) through a function that the composition root passes to the StoreThread.
///
/// On SQLite's own C interface rather than Qt SQL: we need its extended error codes (to tell a corrupt file from a full
/// disk), a cache of prepared statements without a lookup by text, and no process-wide registry of named connections.
class Database final
{
public:
    static constexpr qint64 kAlwaysReadThroughBytes = 32 * 1024 * 1024; ///< a fraction of a second even on a slow disk

    /// Opens or creates `path` for this process alone. A file that SQLite finds corrupt or that is no database is
    /// renamed to
    /// "<path>.corrupt-<UTC time>" (with its -wal and -shm), reported by setAside(), and a new one is begun; it is
    /// never deleted. Unwritable, in use by another process, out of space, of another program or of a newer version is
    /// an error that names the path or its directory; such a file is left as it is.
    ///
    /// The file is read through before it is used, so that damage is found while there is a way out. For a large one
    /// that takes seconds: above `alwaysReadThroughBytes` it is left out if the file was closed in good order and has
    /// not been touched since. Damage that is met later is an error of its statement, and the next start reads the file
    /// through.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(
        const QString &path, qint64 alwaysReadThroughBytes = kAlwaysReadThroughBytes);
    /// A further connection to a file that this process has open already, and keeps open for longer. It cannot write.
    [[nodiscard]] static Result<std::unique_ptr<Database>> openReader(const QString &path);
    /// Whether open() could use the file as it is, as far as its header tells; a file that is not there can be made.
    /// Changes nothing and needs no lock, so another process may ask while a server runs. Damage further in is not
    /// looked for.
    [[nodiscard]] static Status examine(const QString &path);
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    /// The name that a corrupt file was given; empty if it was sound.
    [[nodiscard]] QString setAside() const { return m_setAside; }

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
    /// Whether a damaged page was met. Then the next start reads the file through.
    [[nodiscard]] bool isDamaged() const;
    /// Another connection has met one.
    void noteDamage();

private:
    struct Parts;
    explicit Database(std::unique_ptr<Parts> parts, QString setAside);

    std::unique_ptr<Parts> m_parts;
    QString m_setAside;
};

} // namespace gatehouse
