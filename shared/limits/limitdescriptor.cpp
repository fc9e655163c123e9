// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/limits/limitdescriptor.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kConnections(QT_TRANSLATE_NOOP("gatehouse::Titles", "connections"));
constexpr QLatin1StringView kMessages(QT_TRANSLATE_NOOP("gatehouse::Titles", "messages"));

} // namespace

const std::array<LimitDescriptor, kLimitCount> &limitDescriptors()
{
    static constexpr std::array<LimitDescriptor, kLimitCount> kLimits{ {
        { LimitKey::MaxConnectionsPerIp, "max_connections_per_ip"_L1, "MAX_CONNECTIONS_PER_IP"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections per address")), 5, 1, 1'000'000,
            kConnections, std::nullopt, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Open connections of one address (an IPv6 /64 counts as one) at one time; the next one is refused.")) },
        { LimitKey::MaxReconnectAttempts, "max_reconnect_attempts"_L1, "MAX_RECONNECT_ATTEMPTS"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Connects per client")), 10, 1, 1'000'000,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "attempts")), std::nullopt, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Admitted connects of one client (a user at an address) in any rolling reconnect window; the next one "
                "is told how long to wait. Attempts without a good token are counted by their address alone.")) },
        { LimitKey::ReconnectWindow, "reconnect_window"_L1, "RECONNECT_WINDOW"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Reconnect window")), 60, 1, 3'600,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "seconds")), std::nullopt, true,
            QLatin1StringView(QT_TRANSLATE_NOOP(
                "gatehouse::Titles", "Length of the rolling window in which the connects of a client are counted.")),
            false },
        { LimitKey::MaxMessagesPerMinute, "max_messages_per_minute"_L1, "MAX_MESSAGES_PER_MINUTE"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages per minute")), 60, 1, 1'000'000,
            kMessages, 60s, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Messages one connection sends in any rolling minute; the next one is not processed.")) },
        { LimitKey::MaxConnectionsPerUser, "max_connections_per_user"_L1, "MAX_CONNECTIONS_PER_USER"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections per user")), 20, 1, 1'000'000,
            kConnections, std::nullopt, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Open connections of one user at one time, from whatever address; the next one is refused.")) },
        { LimitKey::MaxConnections, "max_connections"_L1, "MAX_CONNECTIONS"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections in all")), 10'000, 1, 1'000'000,
            kConnections, std::nullopt, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Open connections of the whole server; the next one is told to come back later.")) },
        { LimitKey::MaxMessageBytes, "max_message_bytes"_L1, "MAX_MESSAGE_BYTES"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Message size")), 65'536, 1'024, 16'777'216,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "bytes")), std::nullopt, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Largest message a client may send; a larger one closes its connection with code 1009.")) },
        { LimitKey::MessageLimitStrikes, "message_limit_strikes"_L1, "MESSAGE_LIMIT_STRIKES"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Strikes before disconnect")), 20, 1, 1'000'000,
            kMessages, 60s, true,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles",
                "Messages over the limit that one connection may send within a minute before it is closed with code "
                "4131.")) },
    } };
    return kLimits;
}

const LimitDescriptor &limitDescriptor(LimitKey key)
{
    return limitDescriptors()[size_t(key)];
}

const LimitDescriptor *findLimit(QStringView name)
{
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        if (descriptor.name == name)
            return &descriptor;
    }
    return nullptr;
}

QLatin1StringView limitModeName(LimitMode mode)
{
    switch (mode) {
    case LimitMode::Enforce:
        return "enforce"_L1;
    case LimitMode::Observe:
        return "observe"_L1;
    case LimitMode::Off:
        break;
    }
    return "off"_L1;
}

std::optional<LimitMode> parseLimitMode(QStringView text)
{
    for (const LimitMode mode : { LimitMode::Enforce, LimitMode::Observe, LimitMode::Off }) {
        if (text.compare(limitModeName(mode), Qt::CaseInsensitive) == 0)
            return mode;
    }
    return std::nullopt;
}

} // namespace gatehouse
