// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// Which node of the cluster this server is. A plain value.
struct NodeIdentity
{
    QString name; ///< NODE_NAME: the same after a restart
    QString run;  ///< a ULID, new at each start: what a dead process leaves in Redis is never taken for this one's
    QString version;
    QString url; ///< where this node listens
    UtcTime startedAt{};
};

} // namespace gatehouse
