// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QJsonValue>
#include <QtCore/QString>

namespace gatehouse {

/// Parts of the sentences that say why a token was refused. They go to the client, the log and the state file, and what
/// stands in a token is a stranger's until its signature is found good. Pure functions.

/// A name that a token carries, with a blank before it and in quotes: ` "2025"`. Empty for what is no text, longer than
/// 64 characters, not of printable ASCII, or might be part of a token.
[[nodiscard]] QString quotedName(const QJsonValue &value);

/// How long, in the largest unit that leaves two of it: "12 s", "5 min", "3 h", "40 d". Begun seconds count.
[[nodiscard]] QString spanText(std::chrono::milliseconds span);

} // namespace gatehouse
