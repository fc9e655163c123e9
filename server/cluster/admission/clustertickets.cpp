// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/clustertickets.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/auth/ticketbook.h"
#include "server/base/onthread.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxIdentityBytes = 64 * 1024; // a token is never that long

QByteArray keyOf(const QByteArray &digest)
{
    return "gatehouse:ticket:" + digest.toHex();
}

QJsonValue millis(const std::optional<UtcTime> &time)
{
    return time ? QJsonValue(qint64(time->time_since_epoch().count())) : QJsonValue();
}

std::optional<UtcTime> timeOf(const QJsonValue &value)
{
    return value.isDouble() ? std::optional(UtcTime(std::chrono::milliseconds(value.toInteger()))) : std::nullopt;
}

} // namespace

ClusterTickets::ClusterTickets(RedisCalls &calls)
    : m_calls(calls)
{
}

void ClusterTickets::put(const QByteArray &digest, const Identity &identity, std::function<void()> done)
{
    postTo(*this, [this, digest, json = encode(identity), done = std::move(done)] {
        m_calls.call(
            { "SET", keyOf(digest), json, "EX", QByteArray::number(qint64(TicketBook::kLifetime.count())) },
            [done](const Result<RedisReply> &) { done(); }, kTicketDeadline);
    });
}

void ClusterTickets::take(const QByteArray &digest, std::function<void(const Answer &)> done)
{
    postTo(*this, [this, digest, done = std::move(done)] {
        m_calls.call(
            { "GETDEL", keyOf(digest) },
            [done](const Result<RedisReply> &reply) {
                if (reply)
                    done({ true, reply->isText() ? decode(reply->text) : std::nullopt });
                else
                    done({});
            },
            kTicketDeadline);
    });
}

QByteArray ClusterTickets::encode(const Identity &identity)
{
    const QJsonObject object{ { "user"_L1, identity.user }, { "role"_L1, roleName(identity.role) },
        { "groups"_L1, QJsonArray::fromStringList(identity.groups) }, { "exp"_L1, millis(identity.expiresAt) },
        { "jti"_L1, identity.tokenId }, { "iat"_L1, millis(identity.issuedAt) } };
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

std::optional<Identity> ClusterTickets::decode(const QByteArray &json)
{
    if (json.size() > kMaxIdentityBytes)
        return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    const QString roleText = object.value("role"_L1).toString();
    const std::optional<Role> role = roleText == roleName(Role::None) ? Role::None : parseRole(roleText);
    Identity identity{ object.value("user"_L1).toString() };
    if (identity.user.isEmpty() || !role)
        return std::nullopt;
    identity.role = *role;
    for (const QJsonValue &group : object.value("groups"_L1).toArray()) {
        if (!group.isString())
            return std::nullopt;
        identity.groups.append(group.toString());
    }
    identity.expiresAt = timeOf(object.value("exp"_L1));
    identity.tokenId = object.value("jti"_L1).toString();
    identity.issuedAt = timeOf(object.value("iat"_L1));
    return identity;
}

} // namespace gatehouse
