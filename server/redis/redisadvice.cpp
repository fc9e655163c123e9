// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisadvice.h"

#include "server/redis/redishandshake.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

QStringList redisWarnings(const QByteArray &info)
{
    QStringList warnings;
    if (redisInfoValue(info, "aof_enabled") == "0")
        warnings.append(u"appendonly is off: a restart of Redis loses what was published last"_s);
    const QString policy = QString::fromLatin1(redisInfoValue(info, "maxmemory_policy"));
    const bool isBounded = redisInfoValue(info, "maxmemory").toLongLong() > 0;
    if (isBounded && !policy.isEmpty() && policy != "noeviction"_L1)
        warnings.append(u"maxmemory-policy is %1: Redis forgets when its memory is full; use noeviction"_s.arg(policy));
    return warnings;
}

void warnOfRedisSettings(RedisCalls &redis, Log &log)
{
    redis.call({ "INFO" }, [&log](const RedisAnswer &answer) {
        if (!answer)
            return;
        for (const QString &warning : redisWarnings(answer->text))
            log.log(LogLevel::Warning, "redis_setting"_L1, { { "detail"_L1, warning } });
    });
}

} // namespace gatehouse
