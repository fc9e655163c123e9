// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/clock.h"

namespace gatehouse {

/// Real time, for tests with real sockets and real servers.
class RealClock final : public Clock
{
public:
    [[nodiscard]] MonoTime monotonic() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] UtcTime utc() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

} // namespace gatehouse
