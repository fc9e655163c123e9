// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/clientstream.h"

#include <array>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace gatehouse {

namespace {

constexpr size_t kBuffersPerWrite = 64;

bool isTransient(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

} // namespace

ClientStream::ClientStream(int fd, IpAddress peer, quint16 peerPort, Poller &poller, QByteArray &readBuffer)
    : m_fd(fd)
    , m_peer(peer)
    , m_peerPort(peerPort)
    , m_poller(poller)
    , m_readBuffer(readBuffer)
    , m_events(wantedEvents())
{
    m_isWatched = m_poller.add(m_fd, m_events, this);
}

ClientStream::~ClientStream()
{
    m_poller.remove(m_fd);
    ::close(m_fd);
}

quint32 ClientStream::wantedEvents() const
{
    return quint32(EPOLLRDHUP) | (m_isReading ? quint32(EPOLLIN) : 0) | (m_queuedBytes > 0 ? quint32(EPOLLOUT) : 0);
}

void ClientStream::updateEvents()
{
    const quint32 wanted = wantedEvents();
    if (wanted == m_events || m_hasFailed)
        return;
    m_events = wanted;
    m_poller.modify(m_fd, wanted);
}

void ClientStream::send(const QByteArray &bytes)
{
    if (m_hasFailed || m_shutsDown || bytes.isEmpty())
        return;
    qsizetype sent = 0;
    if (m_queuedBytes == 0) { // never past queued bytes
        const ssize_t result = ::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (result == bytes.size())
            return;
        if (result < 0 && !isTransient(errno)) {
            m_hasFailed = true; // told through the poller: the caller must not be destroyed within its own call
            return;
        }
        sent = qMax<ssize_t>(0, result);
    }
    if (!m_queue)
        m_queue = std::make_unique<std::deque<QByteArray>>();
    if (m_queue->empty())
        m_headOffset = sent;
    m_queue->push_back(bytes);
    m_queuedBytes += bytes.size() - sent;
    updateEvents();
}

void ClientStream::setReading(bool isReading)
{
    m_isReading = isReading;
    updateEvents();
}

void ClientStream::shutdownAfterDrain()
{
    m_shutsDown = true;
    if (m_queuedBytes == 0)
        ::shutdown(m_fd, SHUT_WR);
}

ClientStream::SendOutcome ClientStream::flush()
{
    while (m_queuedBytes > 0) {
        std::array<iovec, kBuffersPerWrite> parts;
        size_t count = 0;
        for (const QByteArray &bytes : *m_queue) {
            const qsizetype offset = count == 0 ? m_headOffset : 0;
            parts[count++] = { const_cast<char *>(bytes.constData() + offset), size_t(bytes.size() - offset) };
            if (count == parts.size())
                break;
        }
        msghdr message {};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        ssize_t sent = ::sendmsg(m_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return isTransient(errno) ? SendOutcome::Blocked : SendOutcome::Failed;
        m_queuedBytes -= sent;
        while (sent > 0) {
            const qsizetype left = m_queue->front().size() - m_headOffset;
            if (sent < left) {
                m_headOffset += sent;
                break;
            }
            sent -= left;
            m_headOffset = 0;
            m_queue->pop_front();
        }
    }
    m_queue.reset();
    return SendOutcome::Done;
}

void ClientStream::receive()
{
    const ssize_t size = ::recv(m_fd, m_readBuffer.data(), size_t(m_readBuffer.size()), MSG_DONTWAIT);
    if (size > 0)
        m_observer->streamReceived(QByteArrayView(m_readBuffer.constData(), size));
    else if (size == 0 || !isTransient(errno))
        m_observer->streamLost();
}

void ClientStream::ready(quint32 events)
{
    if (m_hasFailed || (events & (EPOLLERR | EPOLLHUP))) {
        m_observer->streamLost();
        return;
    }
    if ((events & EPOLLOUT) && m_queuedBytes > 0) {
        switch (flush()) {
        case SendOutcome::Failed:
            m_observer->streamLost();
            return;
        case SendOutcome::Done:
            updateEvents();
            if (m_shutsDown)
                ::shutdown(m_fd, SHUT_WR);
            m_observer->streamDrained();
            return; // it may have destroyed this stream; what has arrived is told again on the next turn
        case SendOutcome::Blocked:
            break;
        }
    }
    if (events & EPOLLIN)
        receive();
    else if (events & EPOLLRDHUP)
        m_observer->streamLost();
}

} // namespace gatehouse
