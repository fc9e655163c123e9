// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/redis/redisscript.h"

/// The Lua scripts that Redis runs for a node. Each is a file of this folder, named as its function in lower case,
/// which says what it does, its KEYS and ARGV, and its answer. They are compiled in (embed.cmake). Any thread.
namespace gatehouse::scripts {

// Limits of all nodes
[[nodiscard]] const RedisScript &admit();
[[nodiscard]] const RedisScript &takeBack();
[[nodiscard]] const RedisScript &release();
[[nodiscard]] const RedisScript &setCounts();
[[nodiscard]] const RedisScript &adoptCounts();
[[nodiscard]] const RedisScript &heartbeat();
[[nodiscard]] const RedisScript &leave();
[[nodiscard]] const RedisScript &grant();

// Publishing, inboxes and streams
[[nodiscard]] const RedisScript &publish();
[[nodiscard]] const RedisScript &joinHistory();
[[nodiscard]] const RedisScript &inboxIndex();
[[nodiscard]] const RedisScript &inboxContents();
[[nodiscard]] const RedisScript &markRead();
[[nodiscard]] const RedisScript &streamEnds();
[[nodiscard]] const RedisScript &readStreams();
[[nodiscard]] const RedisScript &claimEntries();
[[nodiscard]] const RedisScript &refuseEntry();
[[nodiscard]] const RedisScript &takeEntry();
[[nodiscard]] const RedisScript &takeInboxes();

// The control log
[[nodiscard]] const RedisScript &appendChange();
[[nodiscard]] const RedisScript &loadState();
[[nodiscard]] const RedisScript &seedState();

// Before a node is started
[[nodiscard]] const RedisScript &tryRights();

struct Named
{
    const char *file;
    const RedisScript *script;
};
/// All of them, for tests.
[[nodiscard]] std::vector<Named> all();

} // namespace gatehouse::scripts
