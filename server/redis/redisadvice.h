// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QStringList>

#include "server/log/log.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// What is wrong with a Redis that answers INFO so, for keeping what must not be lost. One sentence each. Pure.
[[nodiscard]] QStringList redisWarnings(const QByteArray &info);

/// Asks for it and logs each sentence as `redis_setting`. On the thread of `redis`; `log` outlives the call.
void warnOfRedisSettings(RedisCalls &redis, Log &log);

} // namespace gatehouse
