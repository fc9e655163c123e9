// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/fewruns.h"

#include <algorithm>

using gatehouse::windowticks::between;

namespace gatehouse {

size_t FewRuns::size() const
{
    size_t used = 0;
    while (used < kMost && m_events[used] != 0)
        ++used;
    return used;
}

void FewRuns::erase(size_t index)
{
    std::copy(m_latest.begin() + index + 1, m_latest.end(), m_latest.begin() + index);
    std::copy(m_events.begin() + index + 1, m_events.end(), m_events.begin() + index);
    m_events.back() = 0;
}

void FewRuns::expire(quint32 now, qint32 length)
{
    while (m_events[0] != 0 && between(m_latest[0], now) >= length)
        erase(0);
}

bool FewRuns::add(quint32 ticks, qint32 length)
{
    const size_t used = size();
    if (used > 0) {
        const size_t last = used - 1;
        const qint32 step = length / kWindowPrecision;
        const qint32 sinceLatest = between(m_latest[last], ticks);
        const bool isClose = used == kMost
            && sinceLatest < step
            // A run that were prolonged for ever by a steady stream would never expire.
            && between(m_latest[last - 1], ticks) < step;
        if (sinceLatest <= 0 || isClose) {
            if (m_events[last] == kMostEvents)
                return false;
            ++m_events[last];
            m_latest[last] = sinceLatest > 0 ? ticks : m_latest[last];
            return true;
        }
    }
    if (used == kMost)
        return false;
    m_latest[used] = ticks;
    m_events[used] = 1;
    return true;
}

bool FewRuns::joinClosest()
{
    const size_t used = size();
    size_t best = kMost;
    for (size_t i = 0; i + 1 < used; ++i) {
        const bool fits = quint32(m_events[i]) + m_events[i + 1] <= kMostEvents;
        if (fits
            && (best == kMost || between(m_latest[i], m_latest[i + 1]) < between(m_latest[best], m_latest[best + 1])))
            best = i;
    }
    if (best == kMost)
        return false;
    m_events[best + 1] = quint8(m_events[best + 1] + m_events[best]);
    erase(best);
    return true;
}

void FewRuns::removeAt(quint32 ticks)
{
    for (size_t i = 0; i < size(); ++i) {
        if (between(ticks, m_latest[i]) < 0)
            continue;
        if (--m_events[i] == 0)
            erase(i);
        return;
    }
}

qint32 FewRuns::waitUntilBelow(qint64 limit, quint32 now, qint32 length) const
{
    qint64 left = count();
    for (size_t i = 0; i < size() && left >= limit; ++i) {
        left -= m_events[i];
        if (left < limit)
            return length - between(m_latest[i], now);
    }
    return 0;
}

size_t FewRuns::copyTo(std::array<WindowRun, kMost> &runs) const
{
    const size_t used = size();
    for (size_t i = 0; i < used; ++i)
        runs[i] = { m_latest[i], m_events[i] };
    return used;
}

bool FewRuns::assign(std::span<const WindowRun> runs)
{
    if (runs.size() > kMost
        || std::any_of(runs.begin(), runs.end(), [](const WindowRun &run) { return run.events > kMostEvents; }))
        return false;
    *this = {};
    for (size_t i = 0; i < runs.size(); ++i) {
        m_latest[i] = runs[i].latest;
        m_events[i] = quint8(runs[i].events);
    }
    return true;
}

} // namespace gatehouse
