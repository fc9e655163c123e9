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

/// Commands that tell whether a node could work: what it does, done once on a key that is gone afterwards. Each is
/// refused where the user in REDIS_URL may not do it, and where this Redis does not have it or takes no writes.
[[nodiscard]] std::vector<QByteArrayList> redisRightsProbes();
/// What the refusal of one of these means; nullopt where it says nothing about rights.
[[nodiscard]] std::optional<QString> missingRight(const QString &refusal);

} // namespace gatehouse
