// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/websocketpeer.h"

#include <QtCore/QtEndian>
#include <QtWebSockets/QWebSocket>

namespace gatehouse {

WebSocketPeer::WebSocketPeer(Worker &worker, std::unique_ptr<ClientStream> stream, WebSocketPeerHandler &handler)
    : m_worker(worker)
    , m_stream(std::move(stream))
    , m_handler(handler)
    , m_heartbeat([this] { heartbeat(); })
    , m_messageDeadline([this] { messageDeadlineExpired(); })
{
    m_stream->setObserver(this);
    m_socket = new GuardedSocket(*this, m_stream->peer(), m_stream->peerPort());
}

WebSocketPeer::~WebSocketPeer()
{
    dropWebSocket();
}

void WebSocketPeer::dropWebSocket()
{
    if (m_socket)
        m_socket->detach();
    if (m_webSocket) {
        m_webSocket->disconnect(m_webSocket);
        m_webSocket->deleteLater();
        m_webSocket = nullptr;
    }
    if (m_socket) {
        m_socket->lose();
        m_socket->deleteLater();
    }
}

bool WebSocketPeer::open(const HttpRequest &request)
{
    m_webSocket = m_worker.upgrader().upgrade(*m_socket, request);
    if (!m_webSocket)
        return false;
    QObject::connect(m_webSocket, &QWebSocket::textMessageReceived, m_webSocket,
        [this](const QString &text) { m_handler.textReceived(text); });
    m_worker.wheel().start(m_heartbeat, kPingInterval);
    return true;
}

void WebSocketPeer::setReading(bool isReading)
{
    if (m_stream)
        m_stream->setReading(isReading);
}

void WebSocketPeer::readEarly(const QByteArray &early)
{
    if (!early.isEmpty())
        streamReceived(early);
}

WebSocketPeer::Sent WebSocketPeer::send(const QByteArray &frame, bool isDroppable)
{
    if (!m_stream)
        return Sent::Cut;
    if (isDroppable && m_stream->queuedBytes() > kSoftQueueBytes)
        return Sent::Skipped;
    m_stream->send(frame);
    if (m_stream->queuedBytes() <= kHardQueueBytes)
        return Sent::Queued;
    cut(CloseCode::SlowConsumer);
    return Sent::Cut;
}

void WebSocketPeer::close(CloseCode code, const QByteArray &reason)
{
    if (!m_stream || !m_webSocket)
        return;
    m_closeCode = code;
    m_frameGuard.stop();
    // QtWebSockets writes the close frame and closes its socket: socketClosed() follows within this call.
    m_webSocket->close(static_cast<QWebSocketProtocol::CloseCode>(code), QString::fromUtf8(reason));
}

void WebSocketPeer::cut(CloseCode code)
{
    finish(code, false, false);
}

void WebSocketPeer::streamReceived(QByteArrayView bytes)
{
    const std::optional<FrameViolation> violation = m_frameGuard.feed(bytes, m_handler.maxMessageBytes(), *this);
    if (!m_stream)
        return;
    if (violation) {
        close(violation->code, violation->reason);
    } else if (!m_frameGuard.isMidMessage()) {
        m_messageDeadline.cancel();
    } else if (!m_messageDeadline.isActive()) {
        m_worker.wheel().start(m_messageDeadline, kMessageDeadline);
    }
}

void WebSocketPeer::streamLost()
{
    finish(CloseCode::Abnormal, true, false);
}

bool WebSocketPeer::messageBegins()
{
    return m_handler.messageBegins();
}

void WebSocketPeer::messageReceived(Opcode opcode, QByteArrayView payload)
{
    if (!m_stream)
        return;
    if (opcode == Opcode::Text)
        m_socket->feed(encodeClientFrame(opcode, payload));
    else
        m_handler.binaryReceived();
}

void WebSocketPeer::pingReceived(QByteArrayView payload)
{
    // A peer that pings and never reads must not make the server grow.
    if (m_stream && m_stream->queuedBytes() < kSoftQueueBytes)
        m_stream->send(encodeServerFrame(Opcode::Pong, payload));
}

void WebSocketPeer::pongReceived()
{
    if (!m_stream || !m_isAwaitingPong)
        return; // unsolicited ones are allowed and mean nothing: RFC 6455 section 5.5.3
    m_isAwaitingPong = false;
    m_worker.wheel().start(m_heartbeat, kPingInterval);
}

void WebSocketPeer::closeReceived(QByteArrayView payload)
{
    if (!m_stream)
        return;
    m_isCloseByPeer = true;
    m_closeCode = payload.size() >= 2 ? CloseCode(qFromBigEndian<quint16>(payload.data())) : CloseCode::NoStatus;
    m_socket->feed(encodeClientFrame(Opcode::Close, payload)); // QtWebSockets answers and closes
    if (m_stream)
        finish(m_closeCode, true, true);
}

void WebSocketPeer::socketWrote(QByteArrayView bytes)
{
    if (m_stream)
        m_stream->send(bytes.toByteArray());
}

void WebSocketPeer::socketClosed()
{
    finish(m_closeCode, m_isCloseByPeer, true);
}

qint64 WebSocketPeer::socketBytesToWrite() const
{
    return queuedBytes();
}

void WebSocketPeer::heartbeat()
{
    if (m_isAwaitingPong) {
        finish(CloseCode::Abnormal, false, false);
        return;
    }
    static const QByteArray kPing = encodeServerFrame(Opcode::Ping, {});
    m_isAwaitingPong = true;
    m_worker.wheel().start(m_heartbeat, kPongDeadline);
    send(kPing);
}

void WebSocketPeer::messageDeadlineExpired()
{
    close(CloseCode::PolicyViolation, "message did not arrive in time");
}

void WebSocketPeer::finish(CloseCode code, bool isByPeer, bool lingers)
{
    if (!m_stream)
        return;
    std::unique_ptr<ClientStream> stream = std::move(m_stream);
    m_frameGuard.stop();
    m_heartbeat.cancel();
    m_messageDeadline.cancel();
    dropWebSocket();
    if (lingers)
        m_worker.linger(std::move(stream));
    m_handler.peerClosed(code, isByPeer);
}

} // namespace gatehouse
