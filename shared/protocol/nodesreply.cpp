// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/nodesreply.h"

#include <array>

#include <QtCore/QJsonArray>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array kStates{ "up"_L1, "lost"_L1, "left"_L1, "unknown"_L1 }; // as NodeState

std::optional<NodeState> stateOf(const QString &name)
{
    for (size_t i = 0; i < kStates.size(); ++i) {
        if (kStates[i] == name)
            return NodeState(i);
    }
    return std::nullopt;
}

} // namespace

QLatin1StringView nodeStateName(NodeState state)
{
    return kStates[size_t(state)];
}

QJsonObject NodeInfo::toJson() const
{
    return {
        { "name"_L1, name },
        { "run"_L1, run },
        { "version"_L1, version },
        { "url"_L1, url },
        { "started_at"_L1, isoMillis(startedAt) },
        { "state"_L1, nodeStateName(state) },
        { "this"_L1, isThis },
        { "age_ms"_L1, age ? QJsonValue(qint64(age->count())) : QJsonValue(QJsonValue::Null) },
        { "alone"_L1, isAlone },
        { "alone_reason"_L1, aloneReason },
        { "clock_skew_ms"_L1, clockSkew ? QJsonValue(qint64(clockSkew->count())) : QJsonValue(QJsonValue::Null) },
        { "active_connections"_L1, activeConnections },
        { "messages_per_minute"_L1, messagesPerMinute },
        { "refusals_per_minute"_L1, refusalsPerMinute },
    };
}

std::optional<NodeInfo> NodeInfo::fromJson(const QJsonObject &object)
{
    NodeInfo node;
    node.name = object.value("name"_L1).toString();
    const std::optional<NodeState> state = stateOf(object.value("state"_L1).toString());
    const std::optional<UtcTime> startedAt = parseIso(object.value("started_at"_L1).toString());
    if (node.name.isEmpty() || !state || !startedAt)
        return std::nullopt;
    node.run = object.value("run"_L1).toString();
    node.version = object.value("version"_L1).toString();
    node.url = object.value("url"_L1).toString();
    node.startedAt = *startedAt;
    node.state = *state;
    node.isThis = object.value("this"_L1).toBool();
    if (const QJsonValue age = object.value("age_ms"_L1); age.isDouble())
        node.age = std::chrono::milliseconds(age.toInteger());
    node.isAlone = object.value("alone"_L1).toBool();
    node.aloneReason = object.value("alone_reason"_L1).toString();
    if (const QJsonValue skew = object.value("clock_skew_ms"_L1); skew.isDouble())
        node.clockSkew = std::chrono::milliseconds(skew.toInteger());
    node.activeConnections = object.value("active_connections"_L1).toInteger();
    node.messagesPerMinute = object.value("messages_per_minute"_L1).toInteger();
    node.refusalsPerMinute = object.value("refusals_per_minute"_L1).toInteger();
    return node;
}

QJsonObject RedisState::toJson() const
{
    return {
        { "up"_L1, isUp },
        { "server"_L1, server },
        { "detail"_L1, detail },
        { "since"_L1, isoMillis(since) },
    };
}

RedisState RedisState::fromJson(const QJsonObject &object)
{
    return {
        object.value("up"_L1).toBool(),
        object.value("server"_L1).toString(),
        object.value("detail"_L1).toString(),
        parseIso(object.value("since"_L1).toString()).value_or(UtcTime()),
    };
}

QJsonObject NodesReply::toJson() const
{
    QJsonArray array;
    for (const NodeInfo &node : nodes)
        array.append(node.toJson());
    return {
        { "nodes"_L1, array },
        { "redis"_L1, redis ? QJsonValue(redis->toJson()) : QJsonValue(QJsonValue::Null) },
    };
}

Result<NodesReply> NodesReply::fromJson(const QJsonObject &object)
{
    NodesReply reply;
    if (!object.value("nodes"_L1).isArray())
        return Error{ u"nodes is not a list"_s, u"nodes"_s };
    for (const QJsonValue &value : object.value("nodes"_L1).toArray()) {
        std::optional<NodeInfo> node = NodeInfo::fromJson(value.toObject());
        if (!node)
            return Error{ u"a node lacks its name, state or start"_s, u"nodes"_s };
        reply.nodes.push_back(*std::move(node));
    }
    if (const QJsonValue redis = object.value("redis"_L1); redis.isObject())
        reply.redis = RedisState::fromJson(redis.toObject());
    return reply;
}

} // namespace gatehouse
