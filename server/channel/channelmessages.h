// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QJsonValue>

namespace gatehouse {

/// The channel's small messages to a client, as JSON text. `id` is the client's, left out if undefined. Pure.
[[nodiscard]] QByteArray pongMessage(const QJsonValue &id);
[[nodiscard]] QByteArray ackMessage(const QJsonValue &id, std::optional<qint64> unread = std::nullopt);
[[nodiscard]] QByteArray errorMessage(QLatin1StringView code, const QString &detail, const QJsonValue &id,
    std::optional<std::chrono::milliseconds> retryAfter = std::nullopt);
[[nodiscard]] QByteArray rateLimitNearMessage(qint64 limit, qint64 used, std::chrono::milliseconds resetIn);
[[nodiscard]] QByteArray tokenExpiringMessage(std::chrono::seconds expiresIn);

/// The reason of a close frame: {"r":"too_many_reconnects","ra":37,"id":"…"}; empty members are left out. `detail`
/// becomes the member "d", cut to what the frame has room for (123 bytes, RFC 6455 section 5.5).
[[nodiscard]] QByteArray closeReason(
    QLatin1StringView reason, std::optional<qint64> retryAfterSeconds, const QString &id, const QString &detail = {});

} // namespace gatehouse
