// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// Where a Redis server, or a Sentinel, listens.
struct RedisEndpoint
{
    QString host; ///< a name or an address, without brackets
    quint16 port = 6379;

    /// host:port, an IPv6 address in brackets.
    [[nodiscard]] QString toString() const;
    friend bool operator==(const RedisEndpoint &a, const RedisEndpoint &b) = default;
};

/// What REDIS_URL says, checked. A plain value.
///
///     redis://[[user]:password@]host[:port][/database]         the same with rediss:// for TLS
///     redis+unix://[[user]:password@]/path/of/the.sock[?db=N]
///     redis+sentinel://[[user]:password@]host[:port],host[:port]…/name-of-the-master[/database]     and
///     rediss+sentinel://
///
/// User, password, path, name and values after the ? are percent-decoded. ?db=N does everywhere for /database. A
/// Sentinel's port is 26379 by default; ?sentinel_password=… is for the Sentinels themselves. TLS: the server's
/// certificate must be good for the host by the system's authorities or by ?ca=/path.pem; ?cert=/path.pem&key=/path.pem
/// is the client's own.
struct RedisUrl
{
    std::vector<RedisEndpoint> endpoints; ///< of the server, or of the Sentinels; empty for a Unix-domain socket
    QString unixPath;
    QString masterName; ///< not empty: the endpoints are Sentinels
    QString user;
    QString password;
    QString sentinelPassword;
    int database = 0;
    bool isTls = false;
    QString caFile;
    QString certFile;
    QString keyFile;

    /// For logs and answers: without user and password.
    [[nodiscard]] QString redacted() const;
};

/// The error names the part that is wrong. It quotes nothing of the text: with one sign missing any part of it may be
/// the password.
[[nodiscard]] Result<RedisUrl> parseRedisUrl(const QString &text);

} // namespace gatehouse
