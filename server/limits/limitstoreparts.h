// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/limits/limitstore.h"

namespace gatehouse {

/// A change on its way. `target` finds the values to come from the current ones, on the store thread.
struct LimitStore::Change
{
    Target target;
    std::optional<qint64> expectedRevision;
    Revision revision; ///< all but number and changes
    Done done;
};

/// What a node of a cluster keeps besides the snapshot.
struct LimitStore::Shared
{
    ControlLog &log;
    LimitSet
        current; ///< the cluster's: the snapshot has what is configured here on top until that is the cluster's too
    std::optional<LimitConfiguration> cluster; ///< what some node's configuration said last
    LimitConfiguration configured;             ///< what this node's says
    std::optional<LimitConfiguration> own;     ///< what it said when it last had its way
    bool isConfigured = false;                 ///< `configured` has had its way
};

} // namespace gatehouse
