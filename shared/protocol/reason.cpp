// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/reason.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

// Suggested waits. Somebody else's connection has to end first: one of a few, or one of all. After a message that was
// refused nobody has to wait.
constexpr std::chrono::seconds kWhenCrowded{ 30 };
constexpr std::chrono::seconds kWhenFull{ 10 };
constexpr std::chrono::seconds kAtOnce{ 0 };

constexpr std::array<ReasonDescriptor, kReasonCount> kReasons{ {
    { Reason::OriginNotAllowed, "origin_not_allowed"_L1, "origin"_L1, 403, CloseCode::OriginNotAllowed,
        Metric::RefusedOrigin, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Origin not allowed")) },
    { Reason::WrongHost, "wrong_host"_L1, "origin"_L1, 421, CloseCode::NoStatus, Metric::RefusedOrigin,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Host not served here")) },
    { Reason::TokenMissing, "token_missing"_L1, "token"_L1, 401, CloseCode::TokenInvalid, Metric::RefusedToken,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Token missing")) },
    { Reason::TokenInvalid, "token_invalid"_L1, "token"_L1, 401, CloseCode::TokenInvalid, Metric::RefusedToken,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Token invalid")) },
    { Reason::TokenExpired, "token_expired"_L1, "token"_L1, 401, CloseCode::TokenExpired, Metric::RefusedToken,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Token expired")) },
    { Reason::TokenRevoked, "token_revoked"_L1, "token"_L1, 403, CloseCode::Banned, Metric::RefusedToken,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Token revoked")) },
    { Reason::Banned, "banned"_L1, "address"_L1, 403, CloseCode::Banned, Metric::RefusedOther,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Banned")) },
    { Reason::UserBanned, "banned"_L1, "user"_L1, 403, CloseCode::Banned, Metric::RefusedOther,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "User banned")) },
    { Reason::TooManyConnections, "too_many_connections"_L1, "address"_L1, 429, CloseCode::TooManyConnections,
        Metric::RefusedConnections,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many connections from this address")),
        LimitKey::MaxConnectionsPerIp, Counted::ConnectionsOfAddress, kWhenCrowded },
    { Reason::TooManyUserConnections, "too_many_connections"_L1, "user"_L1, 429, CloseCode::TooManyConnections,
        Metric::RefusedConnections,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many connections of this user")),
        LimitKey::MaxConnectionsPerUser, Counted::ConnectionsOfUser, kWhenCrowded },
    { Reason::TooManyReconnects, "too_many_reconnects"_L1, "reconnect"_L1, 429, CloseCode::TooManyReconnects,
        Metric::RefusedReconnects, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many reconnects")),
        LimitKey::MaxReconnectAttempts, Counted::AttemptsOfClient, kWhenCrowded },
    { Reason::ServerFull, "server_full"_L1, "server"_L1, 503, CloseCode::TryAgainLater, Metric::RefusedOther,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Server full")), LimitKey::MaxConnections,
        Counted::ConnectionsInAll, kWhenFull },
    { Reason::Draining, "draining"_L1, "server"_L1, 503, CloseCode::ServiceRestart, Metric::RefusedOther,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Server is shutting down")), {}, Counted::Nothing,
        kWhenFull },
    { Reason::RateLimited, "rate_limited"_L1, "message"_L1, 0, CloseCode::RateLimited, Metric::RefusedMessages,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many messages")), LimitKey::MaxMessagesPerMinute,
        Counted::MessagesOfConnection, kAtOnce },
    { Reason::RateLimitStrikes, "rate_limit_strikes"_L1, "message"_L1, 0, CloseCode::RateLimited,
        Metric::RefusedMessages,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Kept sending over the message limit")),
        LimitKey::MessageLimitStrikes, Counted::StrikesOfConnection, kAtOnce },
    { Reason::MessageTooBig, "message_too_big"_L1, "message"_L1, 0, CloseCode::MessageTooBig, Metric::RefusedMessages,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Message too big")), LimitKey::MaxMessageBytes,
        Counted::MessageBytes, kAtOnce },
    { Reason::SlowConsumer, "slow_consumer"_L1, "queue"_L1, 0, CloseCode::SlowConsumer, Metric::RefusedOther,
        QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Slow consumer")), {}, Counted::Nothing, kAtOnce },
} };
static_assert(std::all_of(kReasons.begin(), kReasons.end(),
    [](const ReasonDescriptor &reason) { return size_t(reason.counts) < kCountedCount; }));

} // namespace

const std::array<ReasonDescriptor, kReasonCount> &reasonDescriptors()
{
    return kReasons;
}

const ReasonDescriptor &reasonDescriptor(Reason reason)
{
    return reasonDescriptors()[size_t(reason)];
}

std::optional<Reason> parseReason(QStringView code, QStringView guard)
{
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        if (descriptor.code == code && descriptor.guard == guard)
            return descriptor.reason;
    }
    return std::nullopt;
}

const std::array<GuardDescriptor, kGuardCount> &guardDescriptors()
{
    static constexpr std::array<GuardDescriptor, kGuardCount> kGuards{ {
        { "origin"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Origin")) },
        { "address"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Address")) },
        { "reconnect"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Reconnects")) },
        { "token"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Token")) },
        { "user"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "User")) },
        { "server"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Server")) },
        { "message"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages")) },
        { "queue"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Send queue")) },
    } };
    return kGuards;
}

const GuardDescriptor *findGuard(QStringView name)
{
    for (const GuardDescriptor &descriptor : guardDescriptors()) {
        if (descriptor.name == name)
            return &descriptor;
    }
    return nullptr;
}

} // namespace gatehouse
