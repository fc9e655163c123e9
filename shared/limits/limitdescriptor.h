// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// Every limit there is. The enumerators index kLimits and LimitSet.
enum class LimitKey : quint8
{
    MaxConnectionsPerIp,
    MaxReconnectAttempts,
    ReconnectWindow,
    MaxMessagesPerMinute,
    MaxConnectionsPerUser,
    MaxConnections,
    MaxMessageBytes,
    MessageLimitStrikes,
};
inline constexpr size_t kLimitCount = 8;

/// What a limit does when it is exceeded.
enum class LimitMode : quint8
{
    Enforce, ///< refuses
    Observe, ///< lets pass, but counts and records what it would have refused
    Off,     ///< does not look
};

/// One row of the table of limits. Settings, validation, admin API, console editors, documentation and tests are all
/// derived from it; nothing about a limit is written anywhere else.
struct LimitDescriptor
{
    LimitKey key;
    QLatin1StringView name;            ///< as in the admin API: the environment name in lower case
    QLatin1StringView environmentName; ///< its mode's variable is this with "_MODE" appended
    QLatin1StringView title;           ///< short English name; the console translates it by `name`
    qint64 defaultValue;
    qint64 minimum;
    qint64 maximum;
    QLatin1StringView unit;
    std::optional<std::chrono::seconds> window; ///< length of the rolling window, if the limit has one and it is fixed
    bool isLive;                                ///< a change takes effect on the next decision, without a restart
    QLatin1StringView help;                     ///< one English sentence
    bool hasMode = true; ///< false: it says how another limit counts, and refuses nothing by itself
};

[[nodiscard]] const std::array<LimitDescriptor, kLimitCount> &limitDescriptors();
[[nodiscard]] const LimitDescriptor &limitDescriptor(LimitKey key);
/// Finds a row by its admin API name ("max_connections_per_ip"); nullptr if there is none.
[[nodiscard]] const LimitDescriptor *findLimit(QStringView name);

[[nodiscard]] QLatin1StringView limitModeName(LimitMode mode);
/// Reads "enforce", "observe" or "off", in any case.
[[nodiscard]] std::optional<LimitMode> parseLimitMode(QStringView text);

} // namespace gatehouse
