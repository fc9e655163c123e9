// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "shared/util/clock.h"

namespace gatehouse {

/// How long to wait before the next attempt: doubling from half a second to 30 seconds, each between a half and the
/// whole of that, so that many consoles do not come back at one moment. Starts over once a connection has held for ten
/// seconds. Pure: time and randomness come from outside.
class ReconnectPolicy final
{
public:
    using Random = std::function<double()>; ///< evenly from 0 to below 1

    static constexpr std::chrono::milliseconds kFirstDelay{ 500 };
    static constexpr std::chrono::milliseconds kLongestDelay{ 30'000 };
    static constexpr std::chrono::seconds kStableAfter{ 10 };

    explicit ReconnectPolicy(Random random);

    /// The connection is up.
    void connected(MonoTime now);
    /// The connection was lost, or an attempt failed: how long to wait.
    [[nodiscard]] std::chrono::milliseconds lost(MonoTime now);
    /// As new.
    void reset();

private:
    Random m_random;
    int m_failures = 0;
    bool m_isUp = false;
    MonoTime m_upSince{};
};

} // namespace gatehouse
