// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <sys/types.h>

namespace gatehouse {

/// Whether the files that a database has open are still those that its path names: SQLite goes on writing into files
/// that have been deleted or replaced, and what is written there is gone with the process. For the thread that uses the
/// database.
class FilesInPlace final
{
public:
    /// Remembers the state file and its log as they are now. Both are there.
    explicit FilesInPlace(const QString &stateFile);

    /// Empty while they are; otherwise what has happened, in words.
    [[nodiscard]] QString trouble() const;

private:
    struct Known
    {
        QByteArray path;
        dev_t device;
        ino_t inode;
    };
    std::vector<Known> m_files;
};

} // namespace gatehouse
