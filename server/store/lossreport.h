// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArrayList>
#include <QtCore/QString>

#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

/// What a damaged state file has cost. Kept in a file of its own beside the state file ("<state file>.loss-<UTC
/// time>.json"), so that it is told after every start until somebody has seen it and deletes that file. A plain value.
struct LossReport
{
    UtcTime at{};
    QString file;              ///< where the damaged file is now; empty: it was gone
    QByteArrayList incomplete; ///< tables of which rows are missing
    QByteArrayList fromCopy;   ///< tables that could not be read in full, and are as the copy beside has them
    QByteArrayList unguarded;  ///< of those that a copy is kept of: neither readable in full nor in a copy

    /// One sentence for people.
    [[nodiscard]] QString sentence() const;

    /// Writes it, durably; the error names the file.
    [[nodiscard]] Status save(const QString &stateFile) const;
    /// All that are there, oldest first. One that cannot be read is told of as such.
    [[nodiscard]] static std::vector<LossReport> loadAll(const QString &stateFile);
};

} // namespace gatehouse
