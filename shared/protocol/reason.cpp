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

} // namespace

const std::array<ReasonDescriptor, kReasonCount> &reasonDescriptors()
{
    static constexpr std::array<ReasonDescriptor, kReasonCount> kReasons{ {
        { Reason::OriginNotAllowed, "origin_not_allowed"_L1, "origin"_L1, 403, CloseCode::OriginNotAllowed,
            Metric::RefusedOrigin, "Origin not allowed"_L1 },
        { Reason::WrongHost, "wrong_host"_L1, "origin"_L1, 421, CloseCode::NoStatus, Metric::RefusedOrigin,
            "Host not served here"_L1 },
        { Reason::TokenMissing, "token_missing"_L1, "token"_L1, 401, CloseCode::TokenInvalid, Metric::RefusedToken,
            "Token missing"_L1 },
        { Reason::TokenInvalid, "token_invalid"_L1, "token"_L1, 401, CloseCode::TokenInvalid, Metric::RefusedToken,
            "Token invalid"_L1 },
        { Reason::TokenExpired, "token_expired"_L1, "token"_L1, 401, CloseCode::TokenExpired, Metric::RefusedToken,
            "Token expired"_L1 },
        { Reason::TokenRevoked, "token_revoked"_L1, "token"_L1, 403, CloseCode::Banned, Metric::RefusedToken,
            "Token revoked"_L1 },
        { Reason::Banned, "banned"_L1, "address"_L1, 403, CloseCode::Banned, Metric::RefusedOther, "Banned"_L1 },
        { Reason::UserBanned, "banned"_L1, "user"_L1, 403, CloseCode::Banned, Metric::RefusedOther, "User banned"_L1 },
        { Reason::TooManyConnections, "too_many_connections"_L1, "address"_L1, 429, CloseCode::TooManyConnections,
            Metric::RefusedConnections, "Too many connections from this address"_L1, LimitKey::MaxConnectionsPerIp,
            Counted::ConnectionsOfAddress, kWhenCrowded },
        { Reason::TooManyUserConnections, "too_many_connections"_L1, "user"_L1, 429, CloseCode::TooManyConnections,
            Metric::RefusedConnections, "Too many connections of this user"_L1, LimitKey::MaxConnectionsPerUser,
            Counted::ConnectionsOfUser, kWhenCrowded },
        { Reason::TooManyReconnects, "too_many_reconnects"_L1, "reconnect"_L1, 429, CloseCode::TooManyReconnects,
            Metric::RefusedReconnects, "Too many reconnects from this address"_L1, LimitKey::MaxReconnectAttempts,
            Counted::AttemptsOfAddress, kWhenCrowded },
        { Reason::ServerFull, "server_full"_L1, "server"_L1, 503, CloseCode::TryAgainLater, Metric::RefusedOther,
            "Server full"_L1, LimitKey::MaxConnections, Counted::ConnectionsInAll, kWhenFull },
        { Reason::Draining, "draining"_L1, "server"_L1, 503, CloseCode::ServiceRestart, Metric::RefusedOther,
            "Server is shutting down"_L1, {}, Counted::Nothing, kWhenFull },
        { Reason::RateLimited, "rate_limited"_L1, "message"_L1, 0, CloseCode::RateLimited, Metric::RefusedMessages,
            "Too many messages"_L1, LimitKey::MaxMessagesPerMinute, Counted::MessagesOfConnection, kAtOnce },
        { Reason::RateLimitStrikes, "rate_limit_strikes"_L1, "message"_L1, 0, CloseCode::RateLimited,
            Metric::RefusedMessages, "Kept sending over the message limit"_L1, LimitKey::MessageLimitStrikes,
            Counted::StrikesOfConnection, kAtOnce },
        { Reason::MessageTooBig, "message_too_big"_L1, "message"_L1, 0, CloseCode::MessageTooBig,
            Metric::RefusedMessages, "Message too big"_L1, LimitKey::MaxMessageBytes, Counted::MessageBytes, kAtOnce },
        { Reason::SlowConsumer, "slow_consumer"_L1, "queue"_L1, 0, CloseCode::SlowConsumer, Metric::RefusedOther,
            "Slow consumer"_L1, {}, Counted::Nothing, kAtOnce },
    } };
    static_assert(std::all_of(kReasons.begin(), kReasons.end(),
        [](const ReasonDescriptor &reason) { return size_t(reason.counts) < kCountedCount; }));
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
        { "origin"_L1, "Origin"_L1 },
        { "address"_L1, "Address"_L1 },
        { "reconnect"_L1, "Reconnects"_L1 },
        { "token"_L1, "Token"_L1 },
        { "user"_L1, "User"_L1 },
        { "server"_L1, "Server"_L1 },
        { "message"_L1, "Messages"_L1 },
        { "queue"_L1, "Send queue"_L1 },
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
