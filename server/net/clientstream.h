// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>

#include <QtCore/QByteArray>

#include "server/net/ipaddress.h"
#include "server/net/poller.h"

namespace gatehouse {

/// Hears what happens on a ClientStream. Each function may destroy the stream.
class ClientStreamObserver
{
public:
    virtual ~ClientStreamObserver() = default;
    /// Bytes have arrived. The view is valid during the call only.
    virtual void streamReceived(QByteArrayView bytes) = 0;
    /// The peer closed or reset the connection, or it failed: nothing more will come or can be sent.
    virtual void streamLost() = 0;
    /// All queued bytes were given to the kernel.
    virtual void streamDrained() = 0;
};

/// One accepted connection: owns the file descriptor, its place in the poller and the bytes that the kernel did not yet take. Bytes are
/// written at once where possible and queued otherwise; shared byte arrays are queued without a copy. Whoever sends watches
/// queuedBytes(): the stream itself has no bound. Lives on its worker's thread.
class ClientStream final : public PollTarget
{
public:
    /// Takes ownership of a connected, non-blocking descriptor. `readBuffer` is shared by all streams of the worker.
    ClientStream(int fd, IpAddress peer, quint16 peerPort, Poller &poller, QByteArray &readBuffer);
    ~ClientStream() override;
    Q_DISABLE_COPY_MOVE(ClientStream)

    /// Must be set before the event loop runs again; not owned.
    void setObserver(ClientStreamObserver *observer) { m_observer = observer; }
    /// False if the kernel does not let the descriptor be watched.
    [[nodiscard]] bool isValid() const { return m_isWatched; }

    [[nodiscard]] IpAddress peer() const { return m_peer; }
    [[nodiscard]] quint16 peerPort() const { return m_peerPort; }
    [[nodiscard]] qint64 queuedBytes() const { return m_queuedBytes; }

    void send(const QByteArray &bytes);
    /// Back-pressure: while false, nothing is read; a lost peer is still noticed.
    void setReading(bool isReading);
    /// After what is queued, tells the peer that no more will come (FIN).
    void shutdownAfterDrain();

    void ready(quint32 events) override;

private:
    enum class SendOutcome { Done, Blocked, Failed };
    [[nodiscard]] quint32 wantedEvents() const;
    void updateEvents();
    [[nodiscard]] SendOutcome flush();
    void receive();

    int m_fd;
    IpAddress m_peer;
    quint16 m_peerPort;
    bool m_isWatched = false;
    bool m_isReading = true;
    bool m_hasFailed = false;
    bool m_shutsDown = false;
    Poller &m_poller;
    QByteArray &m_readBuffer;
    ClientStreamObserver *m_observer = nullptr;
    std::unique_ptr<std::deque<QByteArray>> m_queue; ///< made when the kernel first takes less than all: most peers never need it
    qsizetype m_headOffset = 0; ///< bytes of the queue's first array already sent
    qint64 m_queuedBytes = 0;
    quint32 m_events = 0;
};

} // namespace gatehouse
