// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QJsonValue>
#include <QtCore/QLatin1StringView>

#include "server/log/loglevel.h"

namespace gatehouse {

/// One named value of a log line.
struct LogField
{
    QLatin1StringView name; ///< snake_case; a literal
    QJsonValue value;
};
using LogFields = std::vector<LogField>;

/// Where the server says what happened: one event a line, with fields instead of prose. Implementations never block,
/// are bounded in memory and may be called from any thread. No token, ticket or secret may be passed.
class Log
{
public:
    virtual ~Log() = default;

    /// `log.log(LogLevel::Info, "refused"_L1, { { "reason"_L1, u"too_many_connections"_s }, { "limit"_L1, 5 } });`
    /// `event` must be a literal, snake_case.
    virtual void log(LogLevel level, QLatin1StringView event, LogFields fields = {}) = 0;
    /// Whether lines of this level are written at all; ask before collecting fields that cost something.
    [[nodiscard]] virtual bool isEnabled(LogLevel level) const = 0;
};

} // namespace gatehouse
