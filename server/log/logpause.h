// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "shared/util/clock.h"

namespace gatehouse {

/// Lets one line into the log every ten seconds, for what strangers can cause at will. One thread.
class LogPause final
{
public:
    static constexpr std::chrono::seconds kPause{ 10 };

    [[nodiscard]] bool isOver(MonoTime now)
    {
        if (m_last && now - *m_last < kPause)
            return false;
        m_last = now;
        return true;
    }

private:
    std::optional<MonoTime> m_last;
};

} // namespace gatehouse
