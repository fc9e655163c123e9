// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QStringList>

#include "server/redis/redisurl.h"
#include "shared/util/result.h"

namespace gatehouse {

/// What `gatehouse check` says of Redis.
struct RedisCheck
{
    QString server;       ///< version and address
    QStringList warnings; ///< settings of Redis by which it may lose what was published
};

/// Connects as a node would, once, and looks; the error says why a node would not come up. Runs an event loop of its
/// own for at most some seconds.
[[nodiscard]] Result<RedisCheck> checkRedis(const RedisUrl &url);

} // namespace gatehouse
