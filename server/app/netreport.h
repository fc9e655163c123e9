// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/log/log.h"
#include "server/net/netcounts.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Says in the log what an operator must know of the connections: that clients were closed because descriptors ran
/// short, and that a worker was blocked. Each at most once a minute, with what came together since. Lives on the main
/// thread.
class NetReport final
{
public:
    static constexpr std::chrono::minutes kEvery{ 1 };

    /// `clock` and `log` outlive it.
    NetReport(const Clock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(NetReport)

    /// How it is now; to be called about once a second.
    void observe(const NetCounts &now);

private:
    [[nodiscard]] bool isDue(std::optional<MonoTime> &latest) const;

    const Clock &m_clock;
    Log &m_log;
    NetCounts m_toldOfDescriptors;
    NetCounts m_toldOfWorkers;
    std::optional<MonoTime> m_descriptorsAt;
    std::optional<MonoTime> m_workersAt;
};

} // namespace gatehouse
