// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/redis/redisreply.h"
#include "shared/protocol/notification.h"

namespace gatehouse {

/// Reads an entry of `gatehouse:publish`: either one field `json` with what POST /api/notifications/ takes (an object
/// or a list), or the members of one notification as fields: `to` (JSON, or the bare word all), `title`, `body`,
/// `level`, `data` (JSON), `ttl` (seconds), `ephemeral` (true or false). The same is refused as by the API; the error
/// names the field. Pure.
[[nodiscard]] Result<std::vector<PublishRequest>> readIngestEntry(const std::vector<RedisReply> &fields);

} // namespace gatehouse
