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
constexpr qsizetype kMaxTailBytes = 64 * 1024; // appending to more would copy more than it saves

bool isTransient(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

/// What is sent last travels with the FIN in one segment.
int sendFlags(bool isLast)
{
    return MSG_NOSIGNAL | MSG_DONTWAIT | (isLast ? MSG_MORE : 0);
}

} // namespace

ClientStream::ClientStream(int fd, IpAddress peer, quint16 peerPort, const StreamIo &io)
    : m_io(io)
    , m_fd(fd)
    , m_peer(peer)
    , m_peerPort(peerPort)
{
    m_events = wantedEvents();
    m_isWatched = m_io.poller.add(m_fd, m_events, this);
}

ClientStream::~ClientStream()
{
    if (m_isBlocked) {
        // The peer does not read: the kernel would go on for minutes to offer it what it holds, which may be megabytes.
        const linger atOnce{ 1, 0 };
        ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    }
    drop();
    m_io.poller.forget(m_fd);
    ::close(m_fd);
    if (m_io.descriptors)
        m_io.descriptors->gaveBack();
}

quint32 ClientStream::wantedEvents() const
{
    // The end of the peer's side stays readable for ever: who knows of it is not to be told again.
    return (m_isPeerEnding ? 0 : quint32(EPOLLRDHUP)) | (m_isReading && !m_isAtEnd ? quint32(EPOLLIN) : 0)
        | (m_isBlocked ? quint32(EPOLLOUT) : 0);
}

void ClientStream::updateEvents()
{
    const quint32 wanted = wantedEvents();
    if (wanted == m_events || m_hasFailed)
        return;
    m_events = wanted;
    m_io.poller.modify(m_fd, wanted);
}

Outbox::Queue &ClientStream::queue()
{
    if (!m_queue) {
        m_queue = m_io.outbox.takeQueue();
        if (m_queuedBytes > 0)
            m_queue->push_back(std::exchange(m_io.outbox.single(m_outboxPlace), QByteArray()));
    }
    return *m_queue;
}

/// Puts an array behind what waits.
void ClientStream::add(QByteArray bytes)
{
    const qsizetype size = bytes.size();
    if (m_queue || m_queuedBytes > 0) {
        queue().push_back(std::move(bytes));
    } else {
        if (m_outboxPlace == kNoPlace)
            m_outboxPlace = quint32(m_io.outbox.add(*this));
        m_io.outbox.single(m_outboxPlace) = std::move(bytes);
    }
    enqueued(size);
}

void ClientStream::send(const QByteArray &bytes)
{
    if (m_hasFailed || m_shutsDown || bytes.isEmpty())
        return;
    m_hasOwnTail = false;
    add(bytes);
}

void ClientStream::append(QByteArrayView bytes, QByteArrayView more)
{
    const qsizetype size = bytes.size() + more.size();
    if (m_hasFailed || m_shutsDown || size == 0)
        return;
    if (m_hasOwnTail && tail().size() < kMaxTailBytes) {
        tail().append(bytes).append(more);
        enqueued(size);
        return;
    }
    QByteArray own;
    own.reserve(size);
    add(std::move(own.append(bytes).append(more)));
    m_hasOwnTail = true;
}

void ClientStream::enqueued(qsizetype size)
{
    m_queuedBytes += size;
    m_io.outbox.adjustQueuedBytes(size);
    if (m_age)
        m_age->queued(size, QueueAge::Tick(m_io.wheel->tick()));
    if (!m_isBlocked && m_outboxPlace == kNoPlace)
        m_outboxPlace = quint32(m_io.outbox.add(*this));
}

void ClientStream::drop()
{
    m_io.outbox.adjustQueuedBytes(-m_queuedBytes);
    m_queuedBytes = 0;
    m_io.outbox.giveQueue(std::move(m_queue));
    m_age.reset();
    m_hasOwnTail = false;
    if (m_outboxPlace != kNoPlace)
        m_io.outbox.remove(std::exchange(m_outboxPlace, kNoPlace));
}

void ClientStream::dropUnbegun()
{
    if (m_queuedBytes == 0)
        return;
    (void)queue();
    const size_t kept = m_headOffset > 0 && !m_queue->empty() ? 1 : 0;
    const qint64 keptBytes = kept > 0 ? m_queue->front().size() - qint64(m_headOffset) : 0;
    if (m_queue->size() > kept)
        m_hasOwnTail = false;
    m_queue->resize(kept);
    m_io.outbox.adjustQueuedBytes(keptBytes - m_queuedBytes);
    m_queuedBytes = keptBytes;
    if (m_age)
        m_age->keepOnly(keptBytes);
}

void ClientStream::setReading(bool isReading)
{
    m_isReading = isReading;
    // Off takes effect when something arrives: most often reading is on again before that, and the kernel need not be
    // told.
    if (isReading)
        updateEvents();
}

void ClientStream::shutdownAfterDrain()
{
    m_shutsDown = true;
    if (m_queuedBytes == 0)
        ::shutdown(m_fd, SHUT_WR);
}

ClientStream::SendOutcome ClientStream::write()
{
    std::array<iovec, kBuffersPerWrite> parts;
    size_t count = 0;
    for (auto bytes = m_queue->begin(); bytes != m_queue->end() && count < parts.size(); ++bytes) {
        const qsizetype offset = count == 0 ? m_headOffset : 0;
        parts[count++] = { const_cast<char *>(bytes->constData() + offset), size_t(bytes->size() - offset) };
    }
    const int flags = sendFlags(m_shutsDown);
    ssize_t sent = 0;
    if (count == 1) {
        sent = ::send(m_fd, parts[0].iov_base, parts[0].iov_len, flags);
    } else {
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        sent = ::sendmsg(m_fd, &message, flags);
    }
    if (sent < 0)
        return isTransient(errno) ? SendOutcome::Blocked : SendOutcome::Failed;
    m_queuedBytes -= sent;
    m_io.outbox.adjustQueuedBytes(-sent);
    if (m_age)
        m_age->taken(sent);
    auto first = m_queue->begin();
    qsizetype written = sent + m_headOffset;
    while (first != m_queue->end() && written >= first->size()) {
        written -= first->size();
        ++first;
    }
    m_queue->erase(m_queue->begin(), first);
    m_headOffset = quint32(written);
    return SendOutcome::Done;
}

ClientStream::SendOutcome ClientStream::flush()
{
    while (m_queuedBytes > 0) {
        if (const SendOutcome outcome = write(); outcome != SendOutcome::Done) {
            if (outcome == SendOutcome::Failed) {
                drop();
                // Told through the poller, which sees the broken connection: the caller must not be destroyed within
                // its own call.
                m_hasFailed = true;
            }
            return outcome;
        }
    }
    m_io.outbox.giveQueue(std::move(m_queue));
    m_age.reset();
    m_headOffset = 0;
    m_hasOwnTail = false;
    return SendOutcome::Done;
}

void ClientStream::writeNow()
{
    if (m_isBlocked || m_hasFailed)
        return;
    if (isSingle())
        (void)queue();
    m_isBlocked = flush() == SendOutcome::Blocked;
    updateEvents();
    if (!m_isBlocked || m_age)
        return;
    if (m_io.wheel) {
        m_age = std::make_unique<QueueAge>();
        m_age->queued(m_queuedBytes, QueueAge::Tick(m_io.wheel->tick()));
    }
    m_observer->streamBlocked();
}

bool ClientStream::writeSingle(QByteArray single)
{
    const ssize_t sent = ::send(m_fd, single.constData(), size_t(single.size()), sendFlags(m_shutsDown));
    if (sent == single.size()) {
        m_io.outbox.adjustQueuedBytes(-m_queuedBytes);
        m_queuedBytes = 0;
        m_hasOwnTail = false;
        return true;
    }
    m_queue = m_io.outbox.takeQueue();
    m_queue->push_back(std::move(single));
    if (sent > 0) {
        m_queuedBytes -= sent;
        m_io.outbox.adjustQueuedBytes(-sent);
        m_headOffset = quint32(sent);
    }
    return false; // if it failed, the next attempt says so
}

void ClientStream::writeTurn(QByteArray single)
{
    m_outboxPlace = kNoPlace;
    if (!single.isNull() && writeSingle(std::move(single))) {
        drained();
        return;
    }
    writeNow();
    if (!m_isBlocked && !m_hasFailed)
        drained();
}

void ClientStream::drained()
{
    if (m_shutsDown)
        ::shutdown(m_fd, SHUT_WR);
    m_observer->streamDrained();
}

void ClientStream::receive()
{
    QByteArray &buffer = m_io.readBuffer;
    const ssize_t size = ::recv(m_fd, buffer.data(), size_t(buffer.size()), MSG_DONTWAIT);
    if (size > 0)
        m_observer->streamReceived(QByteArrayView(buffer.constData(), size));
    else if (size == 0)
        ended();
    else if (!isTransient(errno))
        m_observer->streamLost();
}

void ClientStream::ended()
{
    if (m_isAtEnd)
        return;
    m_isPeerEnding = true;
    m_isAtEnd = true;
    updateEvents();
    m_observer->streamEnded();
}

void ClientStream::ending()
{
    m_isPeerEnding = true;
    updateEvents();
    m_observer->streamEnding();
}

void ClientStream::ready(quint32 events)
{
    if (m_hasFailed || (events & (EPOLLERR | EPOLLHUP))) {
        m_observer->streamLost();
        return;
    }
    if ((events & EPOLLOUT) && m_isBlocked) {
        m_isBlocked = false;
        writeNow();
        if (!m_isBlocked) {
            if (m_hasFailed)
                m_observer->streamLost();
            else
                drained();
            return; // it may have destroyed this stream; what has arrived is told again on the next turn
        }
    }
    if ((events & EPOLLIN) && m_isReading)
        receive();
    else if ((events & EPOLLRDHUP) && !m_isPeerEnding)
        ending();
    else
        updateEvents();
}

} // namespace gatehouse
