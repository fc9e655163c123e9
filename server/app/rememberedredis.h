// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/redis/redisurl.h"

/// The Redis that has this server's inboxes, in STATE_DIR/cluster_redis (0600, for it may hold a password). Without it
/// a server that is no node any more would not know where they are.
namespace gatehouse::rememberedredis {

/// `url` is the setting's text.
[[nodiscard]] Status remember(const QString &stateDir, const QString &url);
/// nullopt if there is none, or nothing that is a URL.
[[nodiscard]] std::optional<RedisUrl> recall(const QString &stateDir);
void forget(const QString &stateDir);

} // namespace gatehouse::rememberedredis
