// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/deadlinetimer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace gatehouse {

DeadlineTimer::DeadlineTimer(std::function<void()> due, QObject *parent)
    : QObject(parent)
    , m_fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC))
    , m_due(std::move(due))
    , m_notifier(std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read, this))
{
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        quint64 times = 0;
        if (::read(m_fd, &times, sizeof times) == ssize_t(sizeof times))
            m_due();
    });
}

DeadlineTimer::~DeadlineTimer()
{
    m_notifier.reset();
    ::close(m_fd);
}

void DeadlineTimer::setAlarm(MonoTime moment)
{
    // The steady clock is CLOCK_MONOTONIC. Zero would switch the timer off.
    const qint64 nanoseconds = std::max<qint64>(1, std::chrono::nanoseconds(moment.time_since_epoch()).count());
    itimerspec spec{};
    spec.it_value.tv_sec = time_t(nanoseconds / 1'000'000'000);
    spec.it_value.tv_nsec = long(nanoseconds % 1'000'000'000);
    ::timerfd_settime(m_fd, TFD_TIMER_ABSTIME, &spec, nullptr);
}

} // namespace gatehouse
