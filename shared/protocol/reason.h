// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include <QtCore/QString>

#include "shared/limits/limitdescriptor.h"
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

/// What is counted for a reason, always with the attempt or the message that is judged. What is above the limit is
/// refused.
enum class Counted : quint8
{
    Nothing, ///< no limit stands behind the reason
    ConnectionsOfAddress,
    AttemptsOfClient,
    ConnectionsOfUser,
    ConnectionsInAll,
    MessagesOfConnection,
    StrikesOfConnection,
    MessageBytes,
};
inline constexpr size_t kCountedCount = 8;

/// One row of the table of refusals: judging, HTTP answers, close codes, metrics, log and console are derived from it.
struct ReasonDescriptor
{
    Reason reason;
    QLatin1StringView code;  ///< the problem's `code`, as on the wire
    QLatin1StringView guard; ///< the name of a row of guardDescriptors()
    int httpStatus;          ///< before the upgrade; 0 where the reason can only arise on an open connection
    CloseCode closeCode;     ///< on an open connection, and in close mode; NoStatus: only an HTTP answer can say it
    Metric metric;           ///< the series that counts it
    QLatin1StringView title; ///< short English text
    std::optional<LimitKey> limit{};                     ///< the limit that the reason stands for, if there is one
    Counted counts = Counted::Nothing;                   ///< what is compared with that limit
    std::optional<std::chrono::seconds> suggestedWait{}; ///< where no exact wait is known
};

/// One row of the table of guards that refuse.
struct GuardDescriptor
{
    QLatin1StringView name;  ///< as on the wire
    QLatin1StringView title; ///< short English text
};
inline constexpr size_t kGuardCount = 8;

[[nodiscard]] const std::array<ReasonDescriptor, kReasonCount> &reasonDescriptors();
[[nodiscard]] const ReasonDescriptor &reasonDescriptor(Reason reason);
/// Finds a reason by its wire name. "too_many_connections" and "banned" are both per address and per user: told apart
/// by `guard`.
[[nodiscard]] std::optional<Reason> parseReason(QStringView code, QStringView guard);

[[nodiscard]] const std::array<GuardDescriptor, kGuardCount> &guardDescriptors();
/// Finds a row by its wire name; nullptr if there is none.
[[nodiscard]] const GuardDescriptor *findGuard(QStringView name);

} // namespace gatehouse
