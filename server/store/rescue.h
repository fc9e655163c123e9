// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/store/database.h"
#include "server/store/lossreport.h"

struct sqlite3;

namespace gatehouse {

/// Makes a sound state file of a damaged one, or of one that is gone: all rows that can be read, the tables that must
/// not be missing first, and the copies of those that cannot (TableCopies). The damaged file is kept under another
/// name. However this is ended, by a kill or a full disk, the next start finds the damaged file or the finished new
/// one, never half of it. Used once, by who holds the StateLock.
class Rescue final
{
public:
    /// `options` outlives it, and says how tables are made.
    Rescue(QString stateFile, const DatabaseOptions &options);

    /// What must be done before a state file is opened: ends what an earlier rescue had finished but for the last step.
    static void finishEarlier(const QString &stateFile);
    /// Whether the file is gone, and a copy says that it was there.
    [[nodiscard]] static bool isMissing(const QString &stateFile);

    /// Puts the new file in place. The name of the damaged one is answered; empty if it was gone. After an error the
    /// next start does it anew, and the report of this one may be there already.
    [[nodiscard]] Result<QString> run();

private:
    [[nodiscard]] Status fill(Database &draft);
    [[nodiscard]] Status salvageAll(Database &draft, sqlite3 *damaged);
    [[nodiscard]] Status salvageNumbers(Database &draft, sqlite3 *damaged);
    [[nodiscard]] Status takeCopies(Database &draft);
    [[nodiscard]] QByteArrayList tablesOf(Database &draft) const;

    QString m_stateFile;
    const DatabaseOptions &m_options;
    LossReport m_report;
};

/// Renames a damaged state file, and what belongs to it, to "<path>.corrupt-<UTC time>".
[[nodiscard]] Result<QString> moveAside(const QString &path);

} // namespace gatehouse
