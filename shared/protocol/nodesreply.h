// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <QtCore/QJsonObject>

#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

enum class NodeState : quint8
{
    Up,      ///< heard of within the last seconds
    Lost,    ///< not heard of any more, and it did not say that it ends
    Left,    ///< it ended
    Unknown, ///< the node that answers is cut off from Redis itself
};
inline constexpr std::array kNodeStates{ NodeState::Up, NodeState::Lost, NodeState::Left, NodeState::Unknown };
[[nodiscard]] QLatin1StringView nodeStateName(NodeState state);

/// One member of the cluster, as GET nodes shows it.
struct NodeInfo
{
    QString name;
    QString run; ///< a ULID, another after each start
    QString version;
    QString url;
    UtcTime startedAt{};
    NodeState state = NodeState::Up;
    bool isThis = false;                          ///< the node that answers
    std::optional<std::chrono::milliseconds> age; ///< since the last sign; nullopt for the node itself
    bool isAlone = false; ///< it judges the limits by itself, because it cannot reach Redis in time
    QString aloneReason;  ///< what Redis did or did not; empty where it is not alone, or of an older version
    std::optional<std::chrono::milliseconds> clockSkew; ///< its clock to Redis', positive is ahead; nullopt: not known
    qint64 activeConnections = 0;
    qint64 messagesPerMinute = 0;
    qint64 refusalsPerMinute = 0;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static std::optional<NodeInfo> fromJson(const QJsonObject &object);
};

/// How the node that answers stands to Redis.
struct RedisState
{
    bool isUp = false;
    QString server; ///< without user and password
    QString detail; ///< why it is not up; empty if it is
    UtcTime since{};

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static RedisState fromJson(const QJsonObject &object);
};

/// The answer of GET nodes. Without REDIS_URL there is one node, and no Redis.
struct NodesReply
{
    std::vector<NodeInfo> nodes; ///< by name
    std::optional<RedisState> redis;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<NodesReply> fromJson(const QJsonObject &object);
};

} // namespace gatehouse
