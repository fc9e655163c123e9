// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/log/log.h"
#include "server/net/netcounts.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Says in the log what an operator must know of the connections: that clients were closed because descriptors ran
/// short, that a worker was blocked, and that a proxy does not say whose its clients are. Each at most once a minute,
/// the last once an hour, with what came together since. Lives on the main thread.
class NetReport final
{
public:
    static constexpr std::chrono::minutes kEvery{ 1 };
    static constexpr std::chrono::hours kEveryOfProxies{ 1 }; ///< which stay as they are until somebody changes them

    /// `clock` and `log` outlive it.
    NetReport(const Clock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(NetReport)

    /// How it is now; to be called about once a second.
    void observe(const NetCounts &now);

private:
    [[nodiscard]] bool isDue(std::optional<MonoTime> &latest, std::chrono::seconds every = kEvery) const;
    void observeProxies(const UnforwardedClients::Seen &now);

    const Clock &m_clock;
    Log &m_log;
    NetCounts m_toldOfDescriptors;
    NetCounts m_toldOfWorkers;
    std::optional<MonoTime> m_descriptorsAt;
    std::optional<MonoTime> m_workersAt;
    std::optional<MonoTime> m_proxiesAt;
    qint64 m_toldOfProxies = 0;
};

} // namespace gatehouse
