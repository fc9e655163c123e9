// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// How well a text fits what was typed: each word of it must be in the text, as the beginning of a word, within one, or
/// letter by letter ("lim" and "cpa" both find "Limits: connections per address"). The higher the better; nullopt if a
/// word is not in it. Case does not matter; an empty query fits all alike.
[[nodiscard]] std::optional<int> fuzzyScore(const QString &query, const QString &text);

} // namespace gatehouse
