// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/eventloop.h"

#include <algorithm>
#include <array>
#include <csignal>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr int kEventsPerTurn = 512;
constexpr auto kProgressInterval = 1s;

sigset_t stopSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

} // namespace

EventLoop::EventLoop()
    : m_epoll(epoll_create1(EPOLL_CLOEXEC))
    , m_nextProgress(now() + kProgressInterval)
{
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_signals = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (isValid())
        add(m_signals, EPOLLIN, nullptr);
}

EventLoop::~EventLoop()
{
    readSignals(); // or one that came late would end the program with the report half written
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::close(m_signals);
    ::close(m_epoll);
}

void EventLoop::add(int fd, quint32 events, Pollable *target)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = target;
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::modify(int fd, quint32 events, Pollable *target)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = target;
    epoll_ctl(m_epoll, EPOLL_CTL_MOD, fd, &event);
}

EventLoop::End EventLoop::run(std::chrono::milliseconds atMost, const std::function<bool()> &isDone)
{
    const SteadyTime deadline = now() + atMost;
    std::array<epoll_event, kEventsPerTurn> events;
    while (!m_isStopped) {
        if (isDone())
            return End::Done;
        const SteadyTime time = now();
        if (time >= deadline)
            return End::TimeUp;
        if (time >= m_nextProgress) {
            m_nextProgress = time + kProgressInterval;
            if (m_progress)
                m_progress();
        }
        const auto pause = std::chrono::ceil<std::chrono::milliseconds>(std::min(deadline, m_nextProgress) - time);
        const int count = epoll_wait(m_epoll, events.data(), kEventsPerTurn, int(std::max(pause, 1ms).count()));
        for (int i = 0; i < count; ++i) {
            const epoll_event &event = events[size_t(i)];
            if (Pollable *target = static_cast<Pollable *>(event.data.ptr))
                target->ready(event.events);
            else
                readSignals();
        }
    }
    return End::Stopped;
}

EventLoop::End EventLoop::run(std::chrono::milliseconds atMost)
{
    return run(atMost, [] { return false; });
}

void EventLoop::readSignals()
{
    signalfd_siginfo info{};
    while (::read(m_signals, &info, sizeof info) == ssize_t(sizeof info))
        m_isStopped = true;
}

} // namespace gatehouse::bench
