// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/neighbours.h"

#include "server/app/clusterneighbours.h"
#include "server/app/noneighbours.h"

namespace gatehouse {

std::unique_ptr<Neighbours> Neighbours::make(
    const Settings &settings, const NodeIdentity &self, QObject &anchor, const Clock &clock, Log &log)
{
    if (settings.redis)
        return std::make_unique<ClusterNeighbours>(*settings.redis, settings.admission, self, anchor, clock, log);
    return std::make_unique<NoNeighbours>(settings.ingestRedis, self, anchor, clock, log);
}

} // namespace gatehouse
