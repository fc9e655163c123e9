// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QtCore/QtGlobal>

struct sqlite3;

namespace gatehouse {

/// Counts what SQLite reads of a database's own file while it lives, and lets somebody end it: SQLite asks no progress
/// handler while it checks the structure of a file, which for a large one is most of the time of a start. On the thread
/// that uses the database; ends before that is closed.
class ReadWatch final
{
public:
    /// Called after each piece with the bytes so far; false makes this and every further read fail.
    using Progress = std::function<bool(qint64 bytes)>;

    /// Does nothing without a progress.
    ReadWatch(sqlite3 *database, Progress progress);
    ~ReadWatch();
    Q_DISABLE_COPY_MOVE(ReadWatch)

    /// Whether the progress said so: what SQLite answered since then means nothing.
    [[nodiscard]] bool isStopped() const;

private:
    struct Methods;
    sqlite3 *m_database;
    std::unique_ptr<Methods> m_methods;
};

} // namespace gatehouse
