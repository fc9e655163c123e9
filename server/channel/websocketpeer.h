// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/channel/awakesocket.h"
#include "server/channel/frameguard.h"
#include "server/net/connectionloop.h"

namespace gatehouse {

/// Bounds of what is queued for one client.
inline constexpr qint64 kSoftQueueBytes = 256 * 1024;  ///< above it, droppable frames are skipped
inline constexpr qint64 kHardQueueBytes = 1024 * 1024; ///< above it, the client is a slow consumer and is cut
/// So old may a queued byte become: one that the kernel has not taken by then is of a slow consumer, which is cut,
/// whatever else it sends or reads meanwhile.
inline constexpr std::chrono::seconds kQueueDeadline{ 10 };

inline constexpr std::chrono::seconds kPingInterval{ 25 };
inline constexpr std::chrono::seconds kPongDeadline{ 10 };
inline constexpr std::chrono::seconds kMessageDeadline{ 10 }; ///< from a message's first byte to its last
/// How long a connection stays awake after a message; zero puts it to sleep after every one.
inline constexpr std::chrono::seconds kAwakeTime{ 5 };

/// Why a client is a slow consumer.
enum class Slowness : quint8
{
    Bytes,  ///< more than kHardQueueBytes wait
    Age,    ///< something has waited for kQueueDeadline
    Memory, ///< the server needs the memory of what waits
};

/// Hears what one WebSocket client does.
class WebSocketPeerHandler
{
public:
    virtual ~WebSocketPeerHandler() = default;
    /// A data message begins; false drops it undecoded.
    [[nodiscard]] virtual bool messageBegins() = 0;
    [[nodiscard]] virtual qint64 maxMessageBytes() const = 0;
    virtual void textReceived(const QString &text) = 0;
    virtual void binaryReceived() = 0;
    /// All that was sent has been given to the kernel.
    virtual void peerDrained() { }
    /// The client is cut as a slow consumer; peerClosed() follows. Returns the reason for the close frame.
    virtual QByteArray peerTooSlow(Slowness slowness, qint64 queuedBytes) = 0;
    /// The connection is over; called once. The peer must not be destroyed within the call.
    virtual void peerClosed(CloseCode code, bool isByPeer) = 0;
};

/// One open WebSocket, with FrameGuard before everything, heartbeat, deadlines and a bounded queue. Most clients only
/// listen, so a connection sleeps: pings, pongs, close and every deadline are handled here, and its QWebSocket
/// (AwakeSocket) exists only from a message until kAwakeTime after it. A client cannot tell. Lives on its worker's
/// thread; owned by its handler, which destroys it later than peerClosed().
class WebSocketPeer final : private ClientStreamObserver, private FrameHandler
{
public:
    WebSocketPeer(ConnectionLoop &loop, std::unique_ptr<ClientStream> stream, WebSocketPeerHandler &handler,
        std::chrono::milliseconds awakeTime);
    ~WebSocketPeer() override;
    Q_DISABLE_COPY_MOVE(WebSocketPeer)

    /// Answers the opening handshake.
    void open(const HttpRequest &request);
    /// Back-pressure: while false nothing is read from the client; its end is still noticed.
    void setReading(bool isReading);
    /// Reads what the client sent behind its handshake. Call it when the handler is ready for messages.
    void readEarly(const QByteArray &early);

    enum class Sent
    {
        Queued,
        Skipped,
        Cut
    };
    /// Sends a complete frame (encodeServerFrame) that other clients may get too. A droppable one is skipped above the
    /// soft mark; above the hard mark the client is cut and peerClosed() has been called.
    Sent send(const QByteArray &frame, bool isDroppable = false);
    /// The same for a text that is for this client alone.
    Sent sendText(QByteArrayView payload, bool isDroppable = false);
    /// Closes with a code and a reason of at most 123 bytes. Everything queued is delivered first.
    void close(CloseCode code, QByteArrayView reason = {});
    /// The server needs the memory: a client for which something waits is a slow consumer.
    void cutForMemory();

    [[nodiscard]] bool isOpen() const { return m_stream != nullptr; }
    [[nodiscard]] bool isAwake() const { return m_awake != nullptr; }
    [[nodiscard]] qint64 queuedBytes() const { return m_stream ? m_stream->queuedBytes() : 0; }
    /// For how long the oldest of them has; nullopt while the kernel takes all.
    [[nodiscard]] std::optional<std::chrono::milliseconds> waitingFor() const;

private:
    void streamReceived(QByteArrayView bytes) override;
    void streamLost() override;
    void streamDrained() override;
    void streamBlocked() override;
    bool messageBegins() override;
    void messageReceived(Opcode opcode, QByteArrayView payload) override;
    void pingReceived(QByteArrayView payload) override;
    void pongReceived(QByteArrayView payload) override;
    void closeReceived(QByteArrayView payload) override;

    /// A point in the wheel's time, counted in ticks; 0 for none.
    using Tick = quint32;
    [[nodiscard]] Tick after(std::chrono::milliseconds delay) const;
    void watch(Tick &deadline, std::chrono::milliseconds delay);
    void startTimer(Tick due);
    /// When the oldest byte of the queue has waited too long; 0 while nothing waits.
    [[nodiscard]] Tick queueDue() const;
    void deadlineDue();
    void heartbeat();
    [[nodiscard]] bool wake();
    [[nodiscard]] bool hasRoom();
    [[nodiscard]] Sent judgeQueue();
    void appendFrame(Opcode opcode, QByteArrayView payload);
    void cut(Slowness slowness);
    void finish(CloseCode code, bool isByPeer, bool lingers);

    ConnectionLoop &m_loop;
    WebSocketPeerHandler &m_handler;
    std::unique_ptr<ClientStream> m_stream; ///< null once closed
    std::unique_ptr<AwakeSocket> m_awake;   ///< null while asleep
    std::unique_ptr<QByteArray> m_latePing; ///< the last one that found the queue full: answered once there is room
    FrameGuard m_frameGuard;
    WheelTimer m_timer; ///< for the earliest of the deadlines, or an earlier moment
    Tick m_timerDue = 0;
    Tick m_heartbeatDue = 0; ///< the next ping, or the end of waiting for its pong
    Tick m_messageDue = 0;   ///< the end of a half-sent message
    Tick m_sleepDue = 0;
    std::chrono::duration<qint32, std::milli> m_awakeTime;
    bool m_isAwaitingPong = false;
};

} // namespace gatehouse
