// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// Reads "90s", "15m", "1h", "30d" or a bare number of seconds. Negative, empty, unknown units and anything over
/// ten years are errors that quote the text.
[[nodiscard]] Result<std::chrono::seconds> parseDuration(QStringView text);

} // namespace gatehouse
