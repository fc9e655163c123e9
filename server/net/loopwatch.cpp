// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/loopwatch.h"

namespace gatehouse {

LoopWatch::Pulse::Pulse(LoopWatch &watch, MonoTime now)
    : m_watch(watch)
    , m_latest(now)
{
    const std::lock_guard lock(m_watch.m_mutex);
    m_watch.m_pulses.push_back(this);
}

LoopWatch::Pulse::~Pulse()
{
    const std::lock_guard lock(m_watch.m_mutex);
    std::erase(m_watch.m_pulses, this);
}

void LoopWatch::Pulse::beat(MonoTime now)
{
    const auto silence
        = std::chrono::duration_cast<std::chrono::milliseconds>(now - m_latest.load(std::memory_order_relaxed));
    if (silence >= kBlocked) {
        m_watch.m_blockedTimes.fetch_add(1, std::memory_order_relaxed);
        m_watch.m_blockedMillis.fetch_add(silence.count(), std::memory_order_relaxed);
    }
    m_latest.store(now, std::memory_order_relaxed);
}

std::chrono::milliseconds LoopWatch::blockedFor(MonoTime now) const
{
    const std::lock_guard lock(m_mutex);
    MonoTime earliest = now;
    for (const Pulse *pulse : m_pulses)
        earliest = std::min(earliest, pulse->m_latest.load(std::memory_order_relaxed));
    const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(now - earliest);
    return silence >= kBlocked ? silence : std::chrono::milliseconds::zero();
}

} // namespace gatehouse
