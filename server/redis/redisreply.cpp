// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisreply.h"

namespace gatehouse {

qint64 RedisReply::toInteger(qint64 otherwise) const
{
    if (type == Type::Integer)
        return integer;
    if (type != Type::Text)
        return otherwise;
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    return isNumber ? number : otherwise;
}

} // namespace gatehouse
