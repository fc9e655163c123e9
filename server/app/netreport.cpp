// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/netreport.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

NetReport::NetReport(const Clock &clock, Log &log)
    : m_clock(clock)
    , m_log(log)
{
}

bool NetReport::isDue(std::optional<MonoTime> &latest, std::chrono::seconds every) const
{
    const MonoTime now = m_clock.monotonic();
    if (latest && now - *latest < every)
        return false;
    latest = now;
    return true;
}

void NetReport::observe(const NetCounts &now)
{
    if (now.closedForDescriptors() > m_toldOfDescriptors.closedForDescriptors() && isDue(m_descriptorsAt)) {
        constexpr auto kDescriptors = size_t(HttpPlaces::Why::Descriptors);
        m_log.log(LogLevel::Warning, "out_of_descriptors"_L1,
            { { "turned_away"_L1, now.turnedAway - m_toldOfDescriptors.turnedAway },
                { "idle_closed"_L1, now.places.lost[kDescriptors] - m_toldOfDescriptors.places.lost[kDescriptors] },
                { "detail"_L1,
                    u"raise ulimit -n, or lower MAX_CONNECTIONS; somebody may hold connections open on purpose"_s } });
        m_toldOfDescriptors = now;
    }
    if (now.blockedTimes > m_toldOfWorkers.blockedTimes && isDue(m_workersAt)) {
        m_log.log(LogLevel::Warning, "worker_blocked"_L1,
            { { "times"_L1, now.blockedTimes - m_toldOfWorkers.blockedTimes },
                { "milliseconds"_L1, qint64((now.blockedTime - m_toldOfWorkers.blockedTime).count()) },
                { "detail"_L1, u"a worker served none of its clients for that long"_s } });
        m_toldOfWorkers = now;
    }
    observeProxies(now.unforwarded);
}

void NetReport::observeProxies(const UnforwardedClients::Seen &now)
{
    if (now.count == m_toldOfProxies || !isDue(m_proxiesAt, kEveryOfProxies))
        return;
    m_log.log(LogLevel::Warning, "client_not_forwarded"_L1,
        { { "proxy"_L1, now.proxyName() }, { "header"_L1, now.header() },
            { "count"_L1, now.count - std::exchange(m_toldOfProxies, now.count) },
            { "detail"_L1,
                u"the proxy is in TRUSTED_PROXIES and does not say in X-Forwarded-For who its clients are: they share its address, and its limits"_s } });
}

} // namespace gatehouse
