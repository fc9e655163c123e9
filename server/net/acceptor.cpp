// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/acceptor.h"

#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse {

namespace {

constexpr int kAcceptsPerTurn = 64; // then the open connections get their turn

int openReserve()
{
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

quint16 portOf(const sockaddr_storage &address)
{
    if (address.ss_family == AF_INET)
        return ntohs(reinterpret_cast<const sockaddr_in &>(address).sin_port);
    if (address.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6 &>(address).sin6_port);
    return 0;
}

/// The number may be what another worker has lent: it gets that back, and the client another one. False if there is
/// none but that: then it is closed.
bool moveOffReserve(int &fd)
{
    const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    ::close(fd);
    fd = moved;
    return fd >= 0;
}

} // namespace

Acceptor::Acceptor(int listenFd, Poller &poller, TimingWheel &wheel, LoopCommons &commons, Accepted accepted)
    : m_listenFd(::fcntl(listenFd, F_DUPFD_CLOEXEC, 0))
    , m_poller(poller)
    , m_wheel(wheel)
    , m_commons(commons)
    , m_accepted(std::move(accepted))
    , m_pause([this] { watch(); })
{
    m_commons.descriptors.lend(); // until there is one
    watch();
}

Acceptor::~Acceptor()
{
    m_poller.remove(m_listenFd);
    ::close(m_listenFd);
    if (m_reserveFd >= 0)
        ::close(m_reserveFd);
    else
        m_commons.descriptors.takenBack();
}

void Acceptor::watch()
{
    if (m_reserveFd < 0 && !takeReserveBack()) { // somebody else took the last one when it was due
        m_wheel.start(m_pause, TimingWheel::kTick);
        return;
    }
    m_poller.add(m_listenFd, quint32(EPOLLIN) | quint32(EPOLLEXCLUSIVE), this);
}

void Acceptor::ready(quint32)
{
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        if (!acceptOne())
            return;
    }
}

bool Acceptor::acceptOne()
{
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const qint64 others = m_commons.descriptors.asking();
    int fd = ::accept4(m_listenFd, reinterpret_cast<sockaddr *>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0 && m_commons.descriptors.isAnyLent() && !moveOffReserve(fd)) {
        countTurnedAway();
        return true;
    }
    if (fd >= 0) {
        return welcome({ fd, IpAddress::fromSockaddr(peer), portOf(peer) }, m_commons.descriptors.got(fd, others));
    }
    const int error = errno;
    m_commons.descriptors.gaveBack();
    if (error == EAGAIN || error == EWOULDBLOCK)
        return false;
    m_commons.acceptFailures.fetch_add(1, std::memory_order_relaxed);
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        if (turnAway())
            return true;
        pause();
        return false;
    }
    return true; // ECONNABORTED, EINTR, a network error of that one peer: on to the next
}

void Acceptor::countTurnedAway()
{
    m_commons.descriptors.gaveBack();
    m_commons.turnedAway.fetch_add(1, std::memory_order_relaxed);
}

/// Whether another one may be accepted in this turn.
bool Acceptor::welcome(const AcceptedSocket &socket, DescriptorZone zone)
{
    const bool somebodyGoes = zone != DescriptorZone::Plenty && m_commons.places.makeRoom();
    const bool isOwn = zone == DescriptorZone::Own || zone == DescriptorZone::Last;
    if (isOwn && !somebodyGoes) {
        ::close(socket.fd);
        countTurnedAway();
        return true;
    }
    const int on = 1;
    ::setsockopt(socket.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    m_accepted(socket);
    // Who goes is to have gone before the next one is accepted. Another worker's may take a moment longer.
    if (somebodyGoes && zone == DescriptorZone::Last)
        pause();
    return !somebodyGoes;
}

/// There is no descriptor even for saying no: somebody else has taken what is the server's own, or its limit was
/// lowered.
bool Acceptor::turnAway()
{
    m_commons.places.makeRoom();
    if (m_reserveFd < 0)
        return false;
    m_commons.descriptors.lend();
    ::close(m_reserveFd);
    const int fd = ::accept4(m_listenFd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        ::close(fd);
        m_commons.turnedAway.fetch_add(1, std::memory_order_relaxed);
    }
    return takeReserveBack() && fd >= 0;
}

bool Acceptor::takeReserveBack()
{
    m_reserveFd = openReserve();
    if (m_reserveFd < 0)
        return false;
    m_commons.descriptors.takenBack();
    return true;
}

void Acceptor::pause()
{
    // The listening descriptor stays readable: without a pause the loop would spin.
    m_poller.remove(m_listenFd);
    m_wheel.start(m_pause, TimingWheel::kTick);
}

} // namespace gatehouse
