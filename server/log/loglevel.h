// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QLatin1StringView>

namespace gatehouse {

/// How much a line of the log matters. Lines below the configured level are not written.
enum class LogLevel : quint8
{
    Debug,
    Info,
    Warning,
    Error
};
/// How lines of the log are written: `name=value` pairs, one JSON object a line, or such pairs with the priority before
/// them that systemd's journal takes off a line (sd-daemon(3)).
enum class LogFormat : quint8
{
    Text,
    Json,
    Journal
};

/// As in LOG_LEVEL and in each line: "debug", "info", "warning", "error".
[[nodiscard]] QLatin1StringView logLevelName(LogLevel level);

} // namespace gatehouse
