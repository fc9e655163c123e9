// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QByteArrayList>

#include "server/redis/redisprotocol.h"
#include "server/redis/redisurl.h"

namespace gatehouse {

/// Which server a link has come to.
struct RedisServer
{
    QString address;  ///< host:port or path, never with a password
    QByteArray runId; ///< another after each restart and on each server: what was acknowledged last may be lost with a
                      ///< change of it
    QByteArray version;

    friend bool operator==(const RedisServer &a, const RedisServer &b) = default;
};

/// What a link says first, all at once, and whether the answers are those of the server that it looks for:
/// authenticated, in its database, a master that has loaded its data. A value without a socket.
class RedisHandshake final
{
public:
    /// `name` is for CLIENT LIST.
    RedisHandshake(const RedisUrl &url, const QByteArray &name);

    [[nodiscard]] std::vector<QByteArrayList> commands() const;
    /// The answer to each of commands(), in their order. The reason why this server will not do, else nullopt.
    [[nodiscard]] std::optional<QString> judge(const RedisAnswer &answer);
    /// Whether every answer has come.
    [[nodiscard]] bool isComplete() const { return m_next == m_steps.size(); }
    /// What was learnt; the address is the caller's.
    [[nodiscard]] const RedisServer &server() const { return m_server; }

private:
    enum class Step : quint8
    {
        Auth,
        Select,
        SetName,
        Role,
        InfoServer,
        InfoPersistence
    };

    std::optional<QString> judgeRefusal(Step step, const QString &text) const;
    std::optional<QString> judgeReply(Step step, const RedisReply &reply);

    QString m_user;
    QString m_password;
    int m_database;
    QByteArray m_name;
    std::vector<Step> m_steps;
    size_t m_next = 0;
    RedisServer m_server;
};

/// The value of `name` in what INFO answers; empty if it is not there.
[[nodiscard]] QByteArray redisInfoValue(const QByteArray &info, QByteArrayView name);

/// Why a server that answered so is not the one to talk to any more: it became a replica, it loads its data, or does
/// not know us; nullopt for all other errors.
[[nodiscard]] std::optional<QString> reasonToLeave(const QString &error);

} // namespace gatehouse
