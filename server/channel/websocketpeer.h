// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QPointer>

#include "server/channel/frameguard.h"
#include "server/net/worker.h"

class QWebSocket;

namespace gatehouse {

/// Bounds of what is queued for one client.
inline constexpr qint64 kSoftQueueBytes = 256 * 1024; ///< above it, droppable frames are skipped
inline constexpr qint64 kHardQueueBytes = 1024 * 1024; ///< above it, the client is a slow consumer and is cut

inline constexpr std::chrono::seconds kPingInterval { 25 };
inline constexpr std::chrono::seconds kPongDeadline { 10 };
inline constexpr std::chrono::seconds kMessageDeadline { 10 }; ///< from a message's first byte to its last

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
    /// The connection is over; called once. The peer must not be destroyed within the call.
    virtual void peerClosed(CloseCode code, bool isByPeer) = 0;
};

/// One open WebSocket: a QWebSocket over a GuardedSocket, with FrameGuard before it, heartbeat, deadlines and a bounded queue. Lives on its
/// worker's thread; owned by its handler, which destroys it later than peerClosed().
class WebSocketPeer final : private ClientStreamObserver, private FrameHandler, private GuardedSocketSink
{
public:
    WebSocketPeer(Worker &worker, std::unique_ptr<ClientStream> stream, WebSocketPeerHandler &handler);
    ~WebSocketPeer() override;
    Q_DISABLE_COPY_MOVE(WebSocketPeer)

    /// Does the opening handshake. False if QtWebSockets refuses; then the peer is of no use.
    [[nodiscard]] bool open(const HttpRequest &request);
    /// Back-pressure: while false nothing is read from the client; its end is still noticed.
    void setReading(bool isReading);
    /// Reads what the client sent behind its handshake. Call it when the handler is ready for messages.
    void readEarly(const QByteArray &early);

    enum class Sent { Queued, Skipped, Cut };
    /// Sends a complete frame (encodeServerFrame). A droppable one is skipped above the soft mark; above the hard mark the client is cut and
    /// peerClosed() has been called.
    Sent send(const QByteArray &frame, bool isDroppable = false);
    /// Closes with a code and a reason of at most 123 bytes. Everything queued is delivered first.
    void close(CloseCode code, const QByteArray &reason = {});
    /// Ends the connection at once, without a word.
    void cut(CloseCode code);

    [[nodiscard]] bool isOpen() const { return m_stream != nullptr; }
    [[nodiscard]] qint64 queuedBytes() const { return m_stream ? m_stream->queuedBytes() : 0; }

private:
    void streamReceived(QByteArrayView bytes) override;
    void streamLost() override;
    void streamDrained() override { }
    bool messageBegins() override;
    void messageReceived(Opcode opcode, QByteArrayView payload) override;
    void pingReceived(QByteArrayView payload) override;
    void pongReceived() override;
    void closeReceived(QByteArrayView payload) override;
    void socketWrote(QByteArrayView bytes) override;
    void socketClosed() override;
    [[nodiscard]] qint64 socketBytesToWrite() const override;

    void heartbeat();
    void messageDeadlineExpired();
    void finish(CloseCode code, bool isByPeer, bool lingers);
    void dropWebSocket();

    Worker &m_worker;
    std::unique_ptr<ClientStream> m_stream; ///< null once closed
    WebSocketPeerHandler &m_handler;
    FrameGuard m_frameGuard;
    QPointer<GuardedSocket> m_socket; ///< QtWebSockets deletes it too, once it is disconnected
    QWebSocket *m_webSocket = nullptr; ///< deleted later: never within one of its own slots
    WheelTimer m_heartbeat;
    WheelTimer m_messageDeadline;
    CloseCode m_closeCode = CloseCode::Abnormal; ///< what peerClosed() will say
    bool m_isCloseByPeer = false;
    bool m_isAwaitingPong = false;
};

} // namespace gatehouse
