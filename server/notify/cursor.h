// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// A place in the order of publishing: which run of a server gave it out, and the sequence. A sequence alone would not
/// do: a state file that was lost, or put back from a backup, counts anew, and the same number would stand for
/// something else. The default belongs to no history.
struct Cursor
{
    quint32 run = 0; ///< a random mark; 0 for none
    qint64 sequence = 0;

    friend bool operator==(const Cursor &a, const Cursor &b) = default;
};

/// The cursor as clients see it: opaque to them, versioned for us.
[[nodiscard]] QString encodeCursor(Cursor cursor);
/// nullopt for anything that encodeCursor() did not make.
[[nodiscard]] std::optional<Cursor> decodeCursor(QStringView text);

} // namespace gatehouse
