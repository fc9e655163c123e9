// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>
#include <vector>

#include <QtCore/QByteArray>

namespace gatehouse {

/// The key of a row: numbers and texts, in the order of the table's primary key. Keys of one table compare as SQLite
/// orders its rows.
using SalvageKey = std::vector<std::variant<qint64, QByteArray>>;

/// Where to look for rows between two that are known, when what lies beside those cannot be read. Pure.
namespace salvagekeys {

/// A key about half-way between two of the same table. It is one of them where there is nothing in between.
[[nodiscard]] SalvageKey between(const SalvageKey &low, const SalvageKey &high);

/// Keys above this one, each further away than the one before, up to the end of all keys: to find the next row where
/// nobody knows how far it is.
[[nodiscard]] std::vector<SalvageKey> above(const SalvageKey &key);

/// As above(), in the other direction: ascending too, from the first of all keys.
[[nodiscard]] std::vector<SalvageKey> below(const SalvageKey &key);

} // namespace salvagekeys

} // namespace gatehouse
