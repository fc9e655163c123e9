// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisscript.h"

#include "server/base/digest.h"

namespace gatehouse {

RedisScript::RedisScript(const char *source)
    : m_source(source)
    , m_sha1(gatehouse::sha1(m_source).toHex())
{
}

} // namespace gatehouse
