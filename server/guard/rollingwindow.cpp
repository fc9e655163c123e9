// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/rollingwindow.h"

#include <algorithm>

namespace gatehouse {

qint64 RollingWindow::count(MonoTime now)
{
    auto live = m_runs.begin();
    for (; live != m_runs.end() && live->latest + m_length <= now; ++live)
        m_count -= live->events;
    m_runs.erase(m_runs.begin(), live);
    return m_count;
}

void RollingWindow::add(MonoTime now)
{
    ++m_count;
    const bool joins = m_runs.size() >= kExactRuns && now - m_runs.back().latest < m_length / 100
        // A run that were prolonged for ever by a steady stream would never expire.
        && (m_runs.size() < 2 || now - (m_runs.end() - 2)->latest < m_length / 100);
    if (joins) {
        m_runs.back().latest = now;
        ++m_runs.back().events;
    } else {
        m_runs.push_back({ now, 1 });
    }
}

void RollingWindow::removeLatest()
{
    if (m_runs.empty())
        return;
    --m_count;
    if (--m_runs.back().events == 0)
        m_runs.pop_back();
}

std::chrono::milliseconds RollingWindow::waitUntilBelow(qint64 limit, MonoTime now)
{
    qint64 left = count(now);
    for (const Run &run : m_runs) {
        if (left < limit)
            break;
        left -= run.events;
        if (left < limit)
            return std::chrono::ceil<std::chrono::milliseconds>(run.latest + m_length - now);
    }
    return std::chrono::milliseconds(0);
}

} // namespace gatehouse
