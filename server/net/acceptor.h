// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "server/net/ipaddress.h"
#include "server/net/loopcommons.h"
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
/// When descriptors run short, idle HTTP connections go for those who come; whoever comes when all are used is closed
/// at once, and counted. Never stops for an error: should there be none even for that, it gives up a reserved one to
/// turn peers away, and pauses a tick when that does not help. Lives on its worker's thread.
class Acceptor final : public PollTarget
{
public:
    using Accepted = std::function<void(AcceptedSocket)>;

    Acceptor(int listenFd, Poller &poller, TimingWheel &wheel, LoopCommons &commons, Accepted accepted);
    ~Acceptor() override;
    Q_DISABLE_COPY_MOVE(Acceptor)

    void ready(quint32 events) override;

private:
    [[nodiscard]] bool acceptOne();
    [[nodiscard]] bool welcome(const AcceptedSocket &socket, DescriptorZone zone);
    void countTurnedAway();
    [[nodiscard]] bool turnAway();
    [[nodiscard]] bool takeReserveBack();
    void pause();
    void watch();

    int m_listenFd;
    int m_reserveFd = -1; ///< -1: lent
    Poller &m_poller;
    TimingWheel &m_wheel;
    LoopCommons &m_commons;
    Accepted m_accepted;
    WheelTimer m_pause;
};

} // namespace gatehouse
