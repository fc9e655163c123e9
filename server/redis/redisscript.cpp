// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisscript.h"

#include <QtCore/QCryptographicHash>

namespace gatehouse {

RedisScript::RedisScript(const char *source)
    : m_source(source)
    , m_sha1(QCryptographicHash::hash(m_source, QCryptographicHash::Sha1).toHex())
{
}

} // namespace gatehouse
