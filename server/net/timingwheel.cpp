// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/timingwheel.h"

#include <algorithm>

namespace gatehouse {

WheelTimer::~WheelTimer()
{
    cancel();
}

void WheelTimer::cancel()
{
    if (!m_place)
        return;
    *m_place = m_next;
    if (m_next)
        m_next->m_place = m_place;
    m_place = nullptr;
    m_next = nullptr;
}

TimingWheel::TimingWheel(const Clock &clock, Measures measures)
    : m_clock(clock)
    , m_measures(measures)
    , m_begin(clock.monotonic())
    , m_done(quint64(elapsed() / kTick))
{
}

TimingWheel::~TimingWheel()
{
    for (WheelTimer *&head : m_slots) {
        while (head)
            head->cancel();
    }
}

std::chrono::milliseconds TimingWheel::elapsed() const
{
    if (m_measures == Measures::Dates) // no date is before the epoch, whatever the clock says
        return std::max(m_clock.utc().time_since_epoch(), std::chrono::milliseconds(0));
    return std::chrono::duration_cast<std::chrono::milliseconds>(m_clock.monotonic() - m_begin);
}

quint64 TimingWheel::tickNow()
{
    const quint64 tick = quint64(elapsed() / kTick);
    if (m_measures == Measures::Dates) {
        m_done = std::min(m_done, tick); // the clock was set back: what is started now may be due before m_done
        return tick;
    }
    if (tick <= m_done || tick - m_done <= quint64(kMaxStall / kTick))
        return tick;
    m_begin += kTick * qint64(tick - m_done - 1);
    return m_done + 1;
}

void TimingWheel::start(WheelTimer &timer, std::chrono::milliseconds delay)
{
    timer.cancel();
    // Rounded up, and never into a tick that is already done: late by up to a tick, early never.
    (void)tickNow(); // after a stall this may come before advance(), and must not wait for the stall once more
    const std::chrono::milliseconds due = elapsed() + delay;
    const quint64 tick = quint64((due + kTick - std::chrono::milliseconds(1)) / kTick);
    timer.m_tick = std::max(tick, m_done + 1);
    link(timer, m_slots[timer.m_tick % kSlots]);
}

void TimingWheel::advance()
{
    const quint64 now = tickNow();
    if (now <= m_done)
        return;
    // A date may be days ahead at once: each slot needs to be looked at only once.
    const quint64 first = std::max(m_done + 1, now - std::min(now, quint64(kSlots - 1)));
    m_done = now;
    for (quint64 tick = first; tick <= now; ++tick)
        expireSlot(tick);
}

void TimingWheel::expireSlot(quint64 tick)
{
    for (WheelTimer *timer = m_slots[tick % kSlots]; timer;) {
        WheelTimer *next = timer->m_next;
        if (timer->m_tick <= m_done) {
            timer->cancel();
            link(*timer, m_due);
        }
        timer = next;
    }
    while (m_due) {
        WheelTimer &timer = *m_due;
        timer.cancel();
        timer.m_expire(&timer.m_callback); // may destroy the timer
    }
}

void TimingWheel::link(WheelTimer &timer, WheelTimer *&head)
{
    timer.m_place = &head;
    timer.m_next = head;
    if (head)
        head->m_place = &timer.m_next;
    head = &timer;
}

} // namespace gatehouse
