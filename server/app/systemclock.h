// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/clock.h"

namespace gatehouse {

/// The machine's clocks, for the server and its command line.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] MonoTime monotonic() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] UtcTime utc() const override
    {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

} // namespace gatehouse
