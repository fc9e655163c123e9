// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>

#include "server/log/log.h"
#include "server/store/storecondition.h"

namespace gatehouse {

/// Says in the log what becomes of the state file, once for each change. Lives on the main thread.
class StoreReporter final
{
public:
    /// The log outlives it.
    explicit StoreReporter(Log &log);

    /// How the store is now; to be called once a second.
    void observe(const StoreCondition &condition);

private:
    Log &m_log;
    QString m_detail;         ///< of the trouble that was last told of; empty: none
    std::set<QString> m_told; ///< losses
};

} // namespace gatehouse
