// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QStringView>

namespace gatehouse {

/// Reads a decimal number of at most five digits, without sign or blanks; nullopt for everything else and above
/// `maximum`.
[[nodiscard]] inline std::optional<int> plainNumber(QStringView text, int maximum)
{
    constexpr qsizetype kMaxDigits = 5;
    bool isNumber = !text.isEmpty() && text.size() <= kMaxDigits;
    for (const QChar c : text)
        isNumber = isNumber && c >= u'0' && c <= u'9';
    const int number = isNumber ? text.toInt() : -1;
    return isNumber && number <= maximum ? std::optional(number) : std::nullopt;
}

} // namespace gatehouse
