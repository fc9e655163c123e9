// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <variant>

#include <QtCore/QJsonValue>
#include <QtCore/QStringList>

#include "server/notify/notificationstore.h"

namespace gatehouse {

/// What a client may ask for over the channel.
struct PingCommand
{
};
struct MarkReadCommand
{
    QStringList ids;
};
struct MarkAllReadCommand
{
};
struct GetNotificationsCommand
{
    std::optional<Cursor> since; ///< what came after it; without it, what is unread
    qint64 limit = kMaxUnreadPerUser;
};
struct RefreshCommand
{
    QByteArray token;
};
/// Not a command: why, by the wire's error code.
struct BadCommand
{
    QLatin1StringView code; ///< bad_request or unknown_type
    QString detail;
};
using ClientCommand = std::variant<PingCommand, MarkReadCommand, MarkAllReadCommand, GetNotificationsCommand,
    RefreshCommand, BadCommand>;

/// A parsed client message: the command, and the `id` that its answer carries (undefined if the client sent none).
struct ClientMessage
{
    ClientCommand command;
    QJsonValue id{ QJsonValue::Undefined };
};

inline constexpr qsizetype kMaxIdsPerCommand = 1000;

/// Reads one text message of a client. Never fails: what cannot be understood is a BadCommand. Pure.
[[nodiscard]] ClientMessage parseClientMessage(const QString &text);

} // namespace gatehouse
