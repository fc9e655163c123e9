// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QSocketNotifier>

namespace gatehouse {

/// Told when its file descriptor is ready.
class PollTarget
{
public:
    virtual ~PollTarget() = default;
    /// `events` as from epoll_wait(2). May remove and destroy itself and any other target.
    virtual void ready(quint32 events) = 0;
};

/// Watches any number of file descriptors through one epoll descriptor, which is all that Qt's event loop sees: its own
/// dispatcher scans every descriptor on each wake-up, which costs 1.4 ms at 5,000 connections. Level-triggered. Lives
/// on its worker's thread; does not own descriptors or targets.
class Poller final : public QObject
{
    Q_OBJECT
public:
    explicit Poller(QObject *parent = nullptr);
    ~Poller() override;
    Q_DISABLE_COPY_MOVE(Poller)

    /// Whether epoll could be set up; if not, nothing will ever be reported.
    [[nodiscard]] bool isValid() const { return m_epoll >= 0; }
    /// `events` are EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLEXCLUSIVE. False with errno if the kernel refuses.
    bool add(int fd, quint32 events, PollTarget *target);
    void modify(int fd, quint32 events);
    /// Stops watching. No event reaches the target afterwards, not even one already fetched.
    void remove(int fd);
    /// The same for a descriptor that is closed right after: closing it takes it out of the kernel's list too.
    void forget(int fd);

Q_SIGNALS:
    /// Around the targets' calls of one turn.
    void turnBegan();
    void turnEnded();

private:
    struct Entry
    {
        PollTarget *target = nullptr;
        quint32 generation = 0; ///< tells an event of an earlier owner of the same descriptor number
    };
    void dispatch();

    int m_epoll = -1;
    std::vector<Entry> m_entries; ///< by descriptor
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace gatehouse
