// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace gatehouse {

/// On what terms a node judges with the others. A plain value.
struct AdmissionTerms
{
    /// How long Redis may take for its word: REDIS_TIMEOUT. A connection that waits costs nothing.
    std::chrono::milliseconds timeout{ 500 };
    /// What holds while Redis is away: each limit divided by the nodes (REDIS_AWAY=share), or in full.
    bool dividesLimits = false;
};

} // namespace gatehouse
