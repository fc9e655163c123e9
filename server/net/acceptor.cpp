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

} // namespace

Acceptor::Acceptor(int listenFd, Poller &poller, TimingWheel &wheel, LoopCommons &commons, Accepted accepted)
    : m_listenFd(::fcntl(listenFd, F_DUPFD_CLOEXEC, 0))
    , m_reserveFd(openReserve())
    , m_poller(poller)
    , m_wheel(wheel)
    , m_commons(commons)
    , m_accepted(std::move(accepted))
    , m_pause([this] { watch(); })
{
    watch();
}

Acceptor::~Acceptor()
{
    m_poller.remove(m_listenFd);
    ::close(m_listenFd);
    if (m_reserveFd >= 0)
        ::close(m_reserveFd);
}

void Acceptor::watch()
{
    if (m_reserveFd < 0)
        m_reserveFd = openReserve(); // somebody else took the last one when it was due
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
    const int fd = ::accept4(m_listenFd, reinterpret_cast<sockaddr *>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
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

/// Whether another one may be accepted in this turn.
bool Acceptor::welcome(const AcceptedSocket &socket, DescriptorZone zone)
{
    const bool somebodyGoes = zone != DescriptorZone::Plenty && m_commons.places.makeRoom();
    const bool isOwn = zone == DescriptorZone::Own || zone == DescriptorZone::Last;
    if (isOwn && !somebodyGoes) {
        ::close(socket.fd);
        m_commons.descriptors.gaveBack();
        m_commons.turnedAway.fetch_add(1, std::memory_order_relaxed);
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
    ::close(m_reserveFd);
    const int fd = ::accept4(m_listenFd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        ::close(fd);
        m_commons.turnedAway.fetch_add(1, std::memory_order_relaxed);
    }
    m_reserveFd = openReserve();
    return fd >= 0;
}

void Acceptor::pause()
{
    // The listening descriptor stays readable: without a pause the loop would spin.
    m_poller.remove(m_listenFd);
    m_wheel.start(m_pause, TimingWheel::kTick);
}

} // namespace gatehouse
