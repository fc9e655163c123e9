// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "server/net/ipaddress.h"
#include "server/net/poller.h"
#include "server/net/timingwheel.h"

namespace gatehouse {

/// A descriptor fresh from accept(2) and where it comes from. Not owning: whoever gets it closes it or makes a
/// ClientStream of it.
struct AcceptedSocket
{
    int fd = -1;
    IpAddress peer;
    quint16 port = 0;
};

/// Accepts on a shared listening descriptor, one acceptor per worker (EPOLLEXCLUSIVE: the kernel wakes one of them).
/// Never stops for an error: when descriptors run out it gives up a reserved one to turn the next peer away cleanly
/// instead of spinning, and pauses a tick. Lives on its worker's thread.
class Acceptor final : public PollTarget
{
public:
    using Accepted = std::function<void(AcceptedSocket)>;

    Acceptor(int listenFd, Poller &poller, TimingWheel &wheel, Accepted accepted);
    ~Acceptor() override;
    Q_DISABLE_COPY_MOVE(Acceptor)

    /// accept(2) failures so far.
    [[nodiscard]] qint64 failures() const { return m_failures; }

    void ready(quint32 events) override;

private:
    [[nodiscard]] bool acceptOne();
    void outOfDescriptors();
    void watch();

    int m_listenFd;
    int m_reserveFd;
    Poller &m_poller;
    TimingWheel &m_wheel;
    Accepted m_accepted;
    WheelTimer m_pause;
    qint64 m_failures = 0;
};

} // namespace gatehouse
