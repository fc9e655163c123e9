// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/clustertickets.h"

#include <memory>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/auth/ticketbook.h"
#include "server/base/onthread.h"
#include "shared/util/compactjson.h"

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

ClusterTickets::ClusterTickets(RedisCalls &calls, std::chrono::milliseconds timeout)
    : m_calls(calls)
    , m_timeout(timeout)
{
}

void ClusterTickets::put(const QByteArray &digest, const Identity &identity, std::function<void(GoodAt)> done)
{
    postTo(*this, [this, digest, identity, done = std::move(done)] {
        m_calls.call(
            { "SET", keyOf(digest), encode(identity, m_run), "EX",
                QByteArray::number(qint64(TicketBook::kLifetime.count())) },
            [this, digest, wasUp = m_calls.isUp(), done](
                const Result<RedisReply> &reply) { done(placeOf(digest, reply, wasUp)); },
            m_timeout);
    });
}

PeerTickets::GoodAt ClusterTickets::placeOf(const QByteArray &digest, const Result<RedisReply> &reply, bool wasUp)
{
    if (reply)
        return GoodAt::AllNodes;
    const QString &code = reply.error().field;
    if (code == rediserrors::kLate) // it may yet be put there: away with it, in the same order
        m_calls.call({ "DEL", keyOf(digest) }, [](const Result<RedisReply> &) {});
    else if (code == rediserrors::kDown && wasUp) // it was sent, and whether it arrived nobody knows
        return GoodAt::AllNodes;
    return GoodAt::ThisNode;
}

void ClusterTickets::take(const QByteArray &digest, std::function<void(const Answer &)> done)
{
    postTo(*this, [this, digest, done = std::move(done)] {
        const auto left = std::make_shared<std::chrono::milliseconds>(0);
        m_calls.call(
            { "PTTL", keyOf(digest) },
            [left](const Result<RedisReply> &reply) {
                if (reply && reply->type == RedisReply::Type::Integer)
                    *left = std::chrono::milliseconds(reply->integer);
            },
            m_timeout);
        m_calls.call(
            { "GETDEL", keyOf(digest) },
            [this, left, done](const Result<RedisReply> &reply) {
                if (reply)
                    done({ true, reply->isText() ? decode(reply->text, m_run) : std::nullopt, *left });
                else
                    done({});
            },
            m_timeout);
    });
}

void ClusterTickets::giveBack(const QByteArray &digest, const Identity &identity, std::chrono::milliseconds left)
{
    if (left <= left.zero())
        return;
    postTo(*this, [this, digest, identity, left] {
        m_calls.call(
            { "SET", keyOf(digest), encode(identity, m_run), "PX", QByteArray::number(qint64(left.count())), "NX" },
            [](const Result<RedisReply> &) {}, m_timeout);
    });
}

QByteArray ClusterTickets::encode(const Identity &identity, const QByteArray &run)
{
    const QJsonObject object{ { "user"_L1, identity.user }, { "role"_L1, roleName(identity.role) },
        { "groups"_L1, QJsonArray::fromStringList(identity.groups) }, { "exp"_L1, millis(identity.expiresAt) },
        { "jti"_L1, identity.tokenId }, { "iat"_L1, millis(identity.issuedAt) },
        { "run"_L1, QString::fromLatin1(run) } };
    return compactJson(object);
}

std::optional<Identity> ClusterTickets::decode(const QByteArray &json, const QByteArray &run)
{
    if (json.size() > kMaxIdentityBytes)
        return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    if (object.value("run"_L1).toString() != QString::fromLatin1(run))
        return std::nullopt;
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
