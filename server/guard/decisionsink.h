// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// Where guards and sessions report what they refused. Implementations never block, are bounded in memory and may be
/// called from any thread.
class DecisionSink
{
public:
    virtual ~DecisionSink() = default;
    virtual void record(Decision decision) = 0;
    /// So many more of a kind that was recorded a moment ago: counted, not recorded.
    virtual void count(const Decision &about, qint64 count) = 0;
};

} // namespace gatehouse
