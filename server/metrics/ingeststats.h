// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

/// What a server alone has taken from the Redis of INGEST_REDIS_URL, for /metrics. A plain value.
struct IngestStats
{
    bool isRedisUp = false;
    qint64 taken = 0; ///< entries that were published
    qint64 refused = 0;
};

} // namespace gatehouse
