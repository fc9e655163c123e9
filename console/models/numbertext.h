// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

/// Numbers as people type them: "1000", and "1,000" or "2.5" as the language that is shown writes them. A text that is
/// not wholly a number is none; nothing is left out to make it one, as Qt's own fields do ("2.5" is 25 there in
/// German).
namespace gatehouse {

[[nodiscard]] std::optional<qint64> readWholeNumber(const QString &text);
/// A point is taken in every language, where it cannot be what separates thousands.
[[nodiscard]] std::optional<double> readNumber(const QString &text);
/// For a field: no separators of thousands.
[[nodiscard]] QString plainNumber(double number);

} // namespace gatehouse
