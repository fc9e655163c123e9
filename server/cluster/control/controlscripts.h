// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/redis/redisscript.h"

namespace gatehouse::controlscripts {

inline constexpr char kLog[] = "gatehouse:control";
inline constexpr char kVersions[] = "gatehouse:control:version";
inline constexpr char kItemsPrefix[] = "gatehouse:control:"; ///< and the name of the kind

/// KEYS: log, versions, items of the kind. ARGV: kind, expected version or "", node, payload, then pairs of an item's
/// id and the item, "" to delete it. Answers {1, version}, {0, the version there is} or {-1}: nothing is there.
[[nodiscard]] const RedisScript &append();
/// KEYS: log, versions, items of each kind. Answers {}, or {position of the last entry, versions, items…}.
[[nodiscard]] const RedisScript &load();
/// KEYS: as load(). ARGV: node, then for each kind its name, the number of its items, and the items as in append().
/// Answers 1, or 0: others were first.
[[nodiscard]] const RedisScript &seed();

} // namespace gatehouse::controlscripts
