// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/neighbours.h"

#include "server/app/clusterneighbours.h"
#include "server/app/noneighbours.h"
#include "server/app/rememberedredis.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

std::unique_ptr<Neighbours> Neighbours::make(
    const Settings &settings, const NodeIdentity &self, QObject &anchor, const Clock &clock, Log &log)
{
    if (!settings.redis)
        return std::make_unique<NoNeighbours>(settings.stateDir, settings.ingestRedis, self, anchor, clock, log);
    const auto remember = [&log, stateDir = settings.stateDir, url = settings.redisText] {
        if (const Status status = rememberedredis::remember(stateDir, url); !status)
            log.log(LogLevel::Warning, "redis_not_remembered"_L1, { { "error"_L1, status.error().message } });
    };
    return std::make_unique<ClusterNeighbours>(*settings.redis, settings.admission, self, anchor, clock, log, remember);
}

} // namespace gatehouse
