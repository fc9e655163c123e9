// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// Reads a state file through as Database::open() does before it uses one, and says what a start would find damaged. It
/// changes nothing and takes no lock, so another process may ask while a server runs; a file that is not there, or
/// cannot be read that way, is good. Takes as long as reading the file does.
[[nodiscard]] Status readStateThrough(const QString &path);

} // namespace gatehouse
