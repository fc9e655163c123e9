// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QStringView>

#include "shared/util/clock.h"

namespace gatehouse {

/// When a token (JWT) ends by its own word; nullopt if it does not say. Not verified: that is the server's.
[[nodiscard]] std::optional<UtcTime> expiryOf(QStringView token);

} // namespace gatehouse
