// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/poller.h"

#include <array>

#include <sys/epoll.h>
#include <unistd.h>

namespace gatehouse {

namespace {

constexpr int kEventsPerTurn = 256; // more wait for the next turn, so that timers and posted events are not starved

quint64 packed(int fd, quint32 generation)
{
    return quint64(generation) << 32 | quint32(fd);
}

} // namespace

Poller::Poller(QObject *parent)
    : QObject(parent)
    , m_epoll(epoll_create1(EPOLL_CLOEXEC))
{
    if (m_epoll < 0)
        return;
    m_notifier = std::make_unique<QSocketNotifier>(m_epoll, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Poller::dispatch);
}

Poller::~Poller()
{
    m_notifier.reset();
    if (m_epoll >= 0)
        ::close(m_epoll);
}

bool Poller::add(int fd, quint32 events, PollTarget *target)
{
    if (m_entries.size() <= size_t(fd))
        m_entries.resize(size_t(fd) + 64);
    Entry &entry = m_entries[size_t(fd)];
    entry.target = target;
    ++entry.generation;
    epoll_event event{};
    event.events = events;
    event.data.u64 = packed(fd, entry.generation);
    if (epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return true;
    entry.target = nullptr;
    return false;
}

void Poller::modify(int fd, quint32 events)
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = packed(fd, m_entries[size_t(fd)].generation);
    epoll_ctl(m_epoll, EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(int fd)
{
    if (size_t(fd) >= m_entries.size() || !m_entries[size_t(fd)].target)
        return;
    forget(fd);
    epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::forget(int fd)
{
    if (size_t(fd) < m_entries.size())
        m_entries[size_t(fd)].target = nullptr;
}

void Poller::dispatch()
{
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = epoll_wait(m_epoll, events.data(), kEventsPerTurn, 0);
    Q_EMIT turnBegan();
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = events[size_t(i)];
        const size_t fd = size_t(event.data.u64 & 0xffffffffU);
        if (fd >= m_entries.size())
            continue;
        const Entry entry = m_entries[fd];
        if (entry.target && entry.generation == quint32(event.data.u64 >> 32))
            entry.target->ready(event.events);
    }
    Q_EMIT turnEnded();
}

} // namespace gatehouse
