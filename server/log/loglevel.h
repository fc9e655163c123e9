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
/// How lines of the log are written: `name=value` pairs, or one JSON object a line.
enum class LogFormat : quint8
{
    Text,
    Json
};

/// As in LOG_LEVEL and in each line: "debug", "info", "warning", "error".
[[nodiscard]] QLatin1StringView logLevelName(LogLevel level);

} // namespace gatehouse
