// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// "2025-11-10T12:00:00Z": the form of the monitoring endpoints (whole seconds, rounded down).
[[nodiscard]] QString isoSeconds(UtcTime time);
/// "2025-11-10T12:00:00.250Z": the form of everything whose order matters.
[[nodiscard]] QString isoMillis(UtcTime time);
/// Reads both forms and any other ISO 8601 date-time with a zone; nullopt for everything else.
[[nodiscard]] std::optional<UtcTime> parseIso(QStringView text);

[[nodiscard]] inline qint64 toEpochMillis(UtcTime time)
{
    return qint64(time.time_since_epoch().count());
}
[[nodiscard]] inline UtcTime fromEpochMillis(qint64 millis)
{
    return UtcTime(std::chrono::milliseconds(millis));
}

} // namespace gatehouse
