// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include <QtCore/QString>

#include "shared/metrics/metricdescriptor.h"
#include "shared/protocol/closecode.h"

namespace gatehouse {

/// Why a guard refuses. The enumerators index reasonDescriptors().
enum class Reason : quint8
{
    OriginNotAllowed,
    WrongHost,
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    TokenRevoked,
    Banned,
    UserBanned,
    TooManyConnections,
    TooManyUserConnections,
    TooManyReconnects,
    ServerFull,
    Draining,
    RateLimited,
    RateLimitStrikes,
    MessageTooBig,
    SlowConsumer,
};
inline constexpr size_t kReasonCount = 17;

/// One row of the table of refusals: HTTP answers, close codes, metrics, log and console are derived from it.
struct ReasonDescriptor
{
    Reason reason;
    QLatin1StringView code;  ///< the problem's `code`, as on the wire
    QLatin1StringView guard; ///< which guard refuses: origin, address, reconnect, token, user, server, message, queue
    int httpStatus;          ///< before the upgrade; 0 where the reason can only arise on an open connection
    CloseCode closeCode;     ///< on an open connection, and in close mode; NoStatus: only an HTTP answer can say it
    Metric metric;           ///< the series that counts it
    QLatin1StringView title; ///< short English text
};

[[nodiscard]] const std::array<ReasonDescriptor, kReasonCount> &reasonDescriptors();
[[nodiscard]] const ReasonDescriptor &reasonDescriptor(Reason reason);
/// Finds a reason by its wire name. "too_many_connections" and "banned" are both per address and per user: told apart
/// by `guard`.
[[nodiscard]] std::optional<Reason> parseReason(QStringView code, QStringView guard);

} // namespace gatehouse
