// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/rollingwindow.h"

#include <algorithm>

namespace gatehouse {

RollingWindow::RollingWindow(std::chrono::milliseconds length, std::span<const WindowRun> runs, MonoTime newest)
    : m_newest(newest)
    , m_lengthMillis(quint32(length.count()))
{
    reserve(std::max(kFirstCapacity, quint32(runs.size())));
    for (const WindowRun &run : runs) {
        append(run);
        m_count += run.events;
    }
}

qint64 RollingWindow::count(MonoTime now)
{
    if (m_size == 0)
        return 0;
    if (now - m_newest >= std::chrono::milliseconds(m_lengthMillis)) {
        m_size = 0;
        m_count = 0;
        return 0;
    }
    const quint32 ticks = windowticks::ofNow(now);
    quint32 expired = 0;
    for (; expired < m_size && windowticks::between(m_runs[expired].latest, ticks) >= qint32(m_lengthMillis); ++expired)
        m_count -= m_runs[expired].events;
    if (expired > 0)
        eraseRuns(0, expired);
    return m_count;
}

bool RollingWindow::joinsLatest(quint32 ticks) const
{
    if (m_size == 0)
        return false;
    const qint32 step = qint32(m_lengthMillis) / kWindowPrecision;
    const qint32 sinceLatest = windowticks::between(m_runs[m_size - 1].latest, ticks);
    if (sinceLatest <= 0)
        return true; // within the same millisecond nothing is lost by it
    return m_size >= kExactRuns
        && sinceLatest < step
        // A run that were prolonged for ever by a steady stream would never expire.
        && windowticks::between(m_runs[m_size - 2].latest, ticks) < step;
}

void RollingWindow::add(MonoTime now)
{
    // What a window without a look at it has kept is too old to be compared with.
    (void)count(now);
    m_newest = m_size == 0 ? now : std::max(m_newest, now);
    const quint32 ticks = windowticks::ofEvent(now);
    ++m_count;
    if (joinsLatest(ticks)) {
        WindowRun &latest = m_runs[m_size - 1];
        latest.latest = windowticks::between(latest.latest, ticks) > 0 ? ticks : latest.latest;
        ++latest.events;
        return;
    }
    append({ ticks, 1 });
}

void RollingWindow::removeAt(quint32 ticks)
{
    for (quint32 i = 0; i < m_size; ++i) {
        if (windowticks::between(ticks, m_runs[i].latest) < 0)
            continue;
        --m_count;
        if (--m_runs[i].events == 0)
            eraseRuns(i, 1);
        return;
    }
}

std::chrono::milliseconds RollingWindow::waitUntilBelow(qint64 limit, MonoTime now)
{
    qint64 left = count(now);
    for (const WindowRun &run : runs()) {
        if (left < limit)
            break;
        left -= run.events;
        if (left < limit)
            return std::chrono::milliseconds(
                qint32(m_lengthMillis) - windowticks::between(run.latest, windowticks::ofNow(now)));
    }
    return std::chrono::milliseconds(0);
}

bool RollingWindow::growsWith(MonoTime now)
{
    (void)count(now);
    return m_size == m_capacity && !joinsLatest(windowticks::ofEvent(now));
}

void RollingWindow::joinClosest()
{
    if (m_size < 2)
        return;
    quint32 best = 0;
    for (quint32 i = 1; i + 1 < m_size; ++i) {
        if (windowticks::between(m_runs[i].latest, m_runs[i + 1].latest)
            < windowticks::between(m_runs[best].latest, m_runs[best + 1].latest))
            best = i;
    }
    m_runs[best + 1].events += m_runs[best].events;
    eraseRuns(best, 1);
}

void RollingWindow::append(WindowRun run)
{
    if (m_size == m_capacity)
        reserve(grownCapacity());
    m_runs[m_size++] = run;
}

void RollingWindow::reserve(quint32 capacity)
{
    auto runs = std::make_unique<WindowRun[]>(capacity);
    std::copy_n(m_runs.get(), m_size, runs.get());
    m_runs = std::move(runs);
    m_capacity = capacity;
}

void RollingWindow::eraseRuns(quint32 first, quint32 count)
{
    std::copy(m_runs.get() + first + count, m_runs.get() + m_size, m_runs.get() + first);
    m_size -= count;
}

} // namespace gatehouse
