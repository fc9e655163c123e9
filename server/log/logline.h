// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/log/log.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// One line of the log, with its newline. Text: `2025-11-10T12:00:00.000Z warning refused reason=token_expired
/// detail="…"`; for the journal the same behind "<4>"; JSON: one object with time, level, event and the fields.
/// Whatever a client sent stays on its line: control and formatting characters are escaped; what looks like a JWT is
/// blanked; values are cut at 1,024 characters. A pure function.
[[nodiscard]] QByteArray logLine(
    UtcTime time, LogLevel level, QLatin1StringView event, const LogFields &fields, LogFormat format);

} // namespace gatehouse
