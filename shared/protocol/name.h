// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include <QtCore/QStringView>

namespace gatehouse {

/// The longest name of a user or a group, and the longest id of a token: what OpenID Connect Core section 2 allows a
/// subject.
inline constexpr qsizetype kMaxNameChars = 255;

/// Whether that may be such a name: not empty, not too long, and without control characters.
[[nodiscard]] inline bool isName(QStringView text)
{
    return !text.isEmpty() && text.size() <= kMaxNameChars && text.isValidUtf16()
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c.category() != QChar::Other_Control; });
}

} // namespace gatehouse
