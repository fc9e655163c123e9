// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include <QtCore/QByteArrayList>

#include "server/store/database.h"
#include "server/store/salvagekey.h"

namespace gatehouse {

/// Copies what can be read of one table of a damaged database into the table of that name of a sound one, row by row.
/// Where a row cannot be read, it goes on behind it: it comes from the other end, and then looks between, by halves, so
/// that of a damaged page only what was on it is lost. Columns are found by name; those that only one side has are left
/// out. Used once, on the thread that uses both.
class Salvage final
{
public:
    /// Both outlive it.
    Salvage(sqlite3 *damaged, Database &target, const QByteArray &table);

    /// Whether every row there was has been copied. The error is of the target: a disk that is full, say.
    [[nodiscard]] Result<bool> run();
    /// Rows that have been copied.
    [[nodiscard]] qint64 rows() const { return m_rows; }

private:
    static constexpr int kMaxLooks = 2000; ///< bounds the time that a table in many pieces takes

    /// A stretch of keys in which something could not be read, its ends included.
    struct Gap
    {
        SalvageKey low;
        SalvageKey high;
    };
    struct Scan ///< what came of reading in one direction
    {
        bool isWhole = false;           ///< it came to the end
        std::optional<SalvageKey> last; ///< the last row that could be read
    };

    [[nodiscard]] Status findColumns();
    [[nodiscard]] Scan scan(const SalvageKey *low, const SalvageKey *high, bool isForward);
    void readFromBothEnds();
    void lookAt(const std::vector<SalvageKey> &keys);
    void halve(const Gap &gap);
    void look(const Gap &gap, const SalvageKey &middle);
    void copy(const Statement &row);

    sqlite3 *m_damaged;
    Database &m_target;
    QByteArray m_table;
    QByteArrayList m_columns;    ///< that both have
    QByteArrayList m_keyColumns; ///< what rows are ordered by
    QByteArray m_insert;
    std::deque<Gap> m_gaps;
    Status m_status = ok(); ///< of the target
    qint64 m_rows = 0;
    bool m_isWhole = true;
};

} // namespace gatehouse
