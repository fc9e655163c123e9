// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QByteArray>

#include "server/net/descriptoruse.h"
#include "server/net/ipaddress.h"
#include "server/net/outbox.h"
#include "server/net/poller.h"
#include "server/net/queueage.h"
#include "server/net/timingwheel.h"

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
    /// The peer has ended its side (FIN) while nothing is read: what has come before that may still be read. Where
    /// nobody has an answer to give yet, the connection is lost with it.
    virtual void streamEnding() { streamLost(); }
    /// The peer has ended its side, and everything before that was read. It may still take what is sent to it.
    virtual void streamEnded() { streamLost(); }
    /// All queued bytes were given to the kernel.
    virtual void streamDrained() = 0;
    /// The kernel has not taken all that was sent: what is queued begins to age. May come within a call to the stream,
    /// which must not be destroyed here.
    virtual void streamBlocked() { }
};

/// What all streams of a worker use. Outlives them.
struct StreamIo
{
    Poller &poller;
    Outbox &outbox;
    QByteArray &readBuffer;               ///< of one read: what it holds is valid until the next one
    const TimingWheel *wheel = nullptr;   ///< what queued bytes age by; null: nobody asks for their age
    DescriptorUse *descriptors = nullptr; ///< is told when one is closed
};

/// One accepted connection: owns the file descriptor, its place in the poller and the bytes that the kernel did not yet
/// take. What is sent in one turn of the event loop is written at its end, at once (Outbox). Whoever sends watches
/// queuedBytes(): the stream itself has no bound. Lives on its worker's thread.
class ClientStream final : public PollTarget
{
public:
    /// Takes ownership of a connected, non-blocking descriptor.
    ClientStream(int fd, IpAddress peer, quint16 peerPort, const StreamIo &io);
    ~ClientStream() override;
    Q_DISABLE_COPY_MOVE(ClientStream)

    /// Must be set before the event loop runs again; not owned.
    void setObserver(ClientStreamObserver *observer) { m_observer = observer; }
    /// False if the kernel does not let the descriptor be watched.
    [[nodiscard]] bool isValid() const { return m_isWatched; }

    /// Whom the connection is from: whoever connected, or whom a proxy has named since.
    [[nodiscard]] IpAddress peer() const { return m_peer; }
    void setPeer(const IpAddress &peer, quint16 port)
    {
        m_peer = peer;
        m_peerPort = port;
    }
    [[nodiscard]] quint16 peerPort() const { return m_peerPort; }
    /// Sent and not yet taken by the kernel.
    [[nodiscard]] qint64 queuedBytes() const { return m_queuedBytes; }

    /// The tick of the wheel since which the oldest of them has waited; nullopt while the kernel takes them.
    [[nodiscard]] std::optional<QueueAge::Tick> waitsSince() const { return m_age ? m_age->oldest() : std::nullopt; }

    /// Sends an array that may be shared with other streams: it is not copied.
    void send(const QByteArray &bytes);
    /// Sends a few bytes of this stream's own: they are copied behind those that were appended before.
    void append(QByteArrayView bytes, QByteArrayView more = {});
    /// Writes what the kernel takes now, without waiting for the turn's end: for whoever is about to judge by
    /// queuedBytes().
    void writeNow();
    /// Gives up what is queued, but for the rest of an array of which the kernel has taken a part.
    void dropUnbegun();
    /// The peer has ended its side: nothing comes behind what has come.
    [[nodiscard]] bool isPeerEnding() const { return m_isPeerEnding; }
    /// Back-pressure: while false, nothing is read; a lost peer is still noticed.
    void setReading(bool isReading);
    /// After what is queued, tells the peer that no more will come (FIN).
    void shutdownAfterDrain();

    void ready(quint32 events) override;

private:
    friend class Outbox;
    enum class SendOutcome
    {
        Done,
        Blocked,
        Failed
    };
    /// What waits, with the single array that had no queue yet.
    [[nodiscard]] Outbox::Queue &queue();
    /// Whether what waits is one array, which the outbox has.
    [[nodiscard]] bool isSingle() const { return !m_queue && m_queuedBytes > 0; }
    [[nodiscard]] QByteArray &tail() { return m_queue ? m_queue->back() : m_io.outbox.single(m_outboxPlace); }
    void add(QByteArray bytes);
    /// The end of a turn in which something was sent. `single` is what the outbox had of it. May destroy the stream.
    void writeTurn(QByteArray single);
    /// Whether the kernel has taken all of it at once; if not, the rest is in the queue.
    [[nodiscard]] bool writeSingle(QByteArray single);
    void enqueued(qsizetype size);
    [[nodiscard]] SendOutcome flush();
    [[nodiscard]] SendOutcome write();
    void drop();
    void drained();
    [[nodiscard]] quint32 wantedEvents() const;
    void updateEvents();
    void receive();
    void ended();
    void ending();

    static constexpr quint32 kNoPlace = ~0U;

    const StreamIo &m_io;
    ClientStreamObserver *m_observer = nullptr;
    std::unique_ptr<Outbox::Queue> m_queue; ///< null once all is written, and while it is a single array
    std::unique_ptr<QueueAge> m_age;        ///< null while the kernel takes all
    qint64 m_queuedBytes = 0;
    quint32 m_headOffset = 0; ///< bytes of the queue's first array already written
    quint32 m_outboxPlace = kNoPlace;
    int m_fd;
    quint32 m_events = 0;
    IpAddress m_peer;
    quint16 m_peerPort;
    bool m_isWatched : 1 = false;
    bool m_isReading : 1 = true;
    bool m_isBlocked : 1 = false; ///< the kernel's buffer is full: the poller tells when there is room
    bool m_hasFailed : 1 = false;
    bool m_shutsDown : 1 = false;
    bool m_isPeerEnding : 1 = false; ///< seen, and not to be told again
    bool m_isAtEnd : 1 = false;      ///< all that came was read
    bool m_hasOwnTail : 1 = false;   ///< the last array that waits is nobody else's and may grow
};

} // namespace gatehouse
