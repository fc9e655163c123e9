// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QStringList>

#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

/// A notification as the channel carries it. A plain value.
struct Notification
{
    QString id; ///< ULID
    QString title;
    QString body;
    QString level;   ///< info, success, warning or error
    QJsonValue data; ///< whatever the publisher attached; null if nothing
    UtcTime createdAt{};
    bool isRead = false;

    [[nodiscard]] QJsonObject toJson() const;
};

struct ToUsers
{
    QStringList users;
};
struct ToGroups
{
    QStringList groups;
};
struct ToAll
{
};
/// Whom a notification is for.
using Audience = std::variant<ToUsers, ToGroups, ToAll>;

/// One request to publish, as a backend sends it, checked.
struct PublishRequest
{
    Audience to;
    QString title;
    QString body;
    QString level;
    QJsonValue data;
    std::optional<std::chrono::seconds> ttl;
    bool isEphemeral = false; ///< fan-out only, never stored
};

inline constexpr qsizetype kMaxTitleChars = 200;
inline constexpr qsizetype kMaxBodyChars = 4000;
inline constexpr qsizetype kMaxDataBytes = 16 * 1024;
inline constexpr qsizetype kMaxTargets = 1000;
inline constexpr qsizetype kMaxPublishBatch = 1000;

/// Reads the body of POST /api/notifications/: one object, or an array of up to kMaxPublishBatch. The error's field
/// names the member, with its index in a batch ("[3].to.users").
[[nodiscard]] Result<std::vector<PublishRequest>> parsePublishBody(const QByteArray &body);

} // namespace gatehouse
