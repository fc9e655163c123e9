// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>

#include <QtCore/QByteArrayList>

#include "server/redis/redisreply.h"
#include "server/redis/redisscript.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Codes that the Error of a call to Redis carries in its `field`.
namespace rediserrors {

inline constexpr QLatin1StringView kDown(
    "redis_down"); ///< not connected: nothing was sent, or the connection broke before the answer
inline constexpr QLatin1StringView kLate("redis_late"); ///< no answer within the deadline: it may yet be carried out
inline constexpr QLatin1StringView kRefused("redis_refused"); ///< Redis answered with an error; the message is its text

} // namespace rediserrors

/// What the parts of a cluster node ask of Redis. Calls are sent in their order (pipelined), and answered in it. One
/// thread: that of the link; `done` is called there too, once, and never within the call itself.
class RedisCalls
{
public:
    using Done = std::function<void(const Result<RedisReply> &)>;
    static constexpr std::chrono::milliseconds kDeadline{ 2000 };

    virtual ~RedisCalls() = default;

    /// A command with its arguments.
    virtual void call(QByteArrayList command, Done done, std::chrono::milliseconds deadline = kDeadline) = 0;
    /// A script; it is sent whole to a server that does not know it yet.
    virtual void run(const RedisScript &script, QByteArrayList keys, QByteArrayList arguments, Done done,
        std::chrono::milliseconds deadline = kDeadline)
        = 0;
    /// Whether a call would be sent now.
    [[nodiscard]] virtual bool isUp() const = 0;
};

} // namespace gatehouse
