// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/idleguards.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

using Days = std::chrono::duration<double, std::ratio<86'400>>;

/// What observe mode would have refused has been seen too.
bool hasRefusals(const DayRecord &day)
{
    static constexpr std::array kRefusals{ Metric::RefusedConnections, Metric::RefusedReconnects,
        Metric::RefusedMessages, Metric::RefusedOrigin, Metric::RefusedToken, Metric::RefusedOther, Metric::Observed };
    return std::any_of(kRefusals.begin(), kRefusals.end(), [&day](Metric metric) { return day[metric] > 0; });
}

} // namespace

void IdleGuards::remember(const std::vector<DayRecord> &days)
{
    for (const DayRecord &day : days)
        add(day);
}

void IdleGuards::observe(const DayRecord &today)
{
    if (m_today.day.isValid() && m_today.day != today.day)
        add(m_today);
    m_today = today;
}

void IdleGuards::add(const DayRecord &day)
{
    if (hasRefusals(day)) {
        m_clients = 0;
        return;
    }
    if (m_clients == 0)
        m_since = day.begin;
    m_clients += day[Metric::Handshakes];
}

UtcTime IdleGuards::since() const
{
    return m_clients > 0 ? m_since : m_today.begin;
}

qint64 IdleGuards::clients() const
{
    return m_clients + m_today[Metric::Handshakes];
}

double IdleGuards::days(UtcTime now) const
{
    if (!m_today.day.isValid() || hasRefusals(m_today))
        return 0;
    const double days = std::max(0.0, Days(now - since()).count());
    return double(clients()) >= days * double(kClientsADay) ? days : 0;
}

QString IdleGuards::sentence(UtcTime now) const
{
    const double time = days(now);
    if (time <= 0)
        return {};
    return u"no guard has refused anybody for %1 days, of %2 clients, where of so many some have an expired token or "
           "come from elsewhere: is something in front that sorts them out, do exemptions (EXEMPT_NETWORKS) hold them "
           "all, or is ALLOWED_HOSTS * and every limit far above what comes? If all is as you want it, acknowledge "
           "this"_s.arg(int(time))
               .arg(clients());
}

} // namespace gatehouse
