// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/websocketpeer.h"

#include <algorithm>

#include <QtCore/QtEndian>

#include "server/channel/pingpayload.h"

namespace gatehouse {

namespace {

/// Of a frame that a slow consumer has read in part, so much is sent yet for the sake of the close frame behind it.
constexpr qint64 kMaxBytesBeforeClose = 128 * 1024;

quint32 ticksOf(std::chrono::milliseconds delay)
{
    return quint32((delay + TimingWheel::kTick - std::chrono::milliseconds(1)) / TimingWheel::kTick);
}

} // namespace

WebSocketPeer::WebSocketPeer(ConnectionLoop &loop, std::unique_ptr<ClientStream> stream, WebSocketPeerHandler &handler,
    std::chrono::milliseconds awakeTime)
    : m_loop(loop)
    , m_handler(handler)
    , m_stream(std::move(stream))
    , m_timer([this] { deadlineDue(); })
    , m_awakeTime(qint32(awakeTime.count()))
{
    m_stream->setObserver(this);
}

WebSocketPeer::~WebSocketPeer() = default;

void WebSocketPeer::open(const HttpRequest &request)
{
    m_stream->append(openingHandshakeAnswer(request));
    watch(m_heartbeatDue, kPingInterval);
}

void WebSocketPeer::setReading(bool isReading)
{
    if (m_stream)
        m_stream->setReading(isReading);
}

void WebSocketPeer::readEarly(const QByteArray &early)
{
    if (m_stream && !early.isEmpty())
        streamReceived(early);
}

WebSocketPeer::Sent WebSocketPeer::send(const QByteArray &frame, bool isDroppable)
{
    if (!m_stream)
        return Sent::Cut;
    if (isDroppable && !hasRoom())
        return Sent::Skipped;
    m_stream->send(frame);
    return judgeQueue();
}

WebSocketPeer::Sent WebSocketPeer::sendText(QByteArrayView payload, bool isDroppable)
{
    if (!m_stream)
        return Sent::Cut;
    if (isDroppable && !hasRoom())
        return Sent::Skipped;
    appendFrame(Opcode::Text, payload);
    return judgeQueue();
}

bool WebSocketPeer::hasRoom()
{
    if (m_stream->queuedBytes() == 0)
        return true;
    const qint64 mark = m_loop.isMemoryAtLeast(MemoryLevel::DropDroppable) ? 0 : kSoftQueueBytes;
    if (m_stream->queuedBytes() > mark)
        m_stream->writeNow(); // much may have been queued in this turn alone
    return m_stream->queuedBytes() <= mark;
}

WebSocketPeer::Sent WebSocketPeer::judgeQueue()
{
    if (m_stream->queuedBytes() > kHardQueueBytes)
        m_stream->writeNow();
    if (m_stream->queuedBytes() <= kHardQueueBytes)
        return Sent::Queued;
    cut(Slowness::Bytes);
    return Sent::Cut;
}

void WebSocketPeer::cutForMemory()
{
    if (m_stream)
        cut(Slowness::Memory);
}

void WebSocketPeer::cut(Slowness slowness)
{
    const QByteArray reason = m_handler.peerTooSlow(slowness, m_stream->queuedBytes());
    m_stream->dropUnbegun();
    const bool lingers = m_stream->queuedBytes() <= kMaxBytesBeforeClose;
    m_stream->append(encodeServerClose(CloseCode::SlowConsumer, reason));
    finish(CloseCode::SlowConsumer, false, lingers);
}

void WebSocketPeer::appendFrame(Opcode opcode, QByteArrayView payload)
{
    const FrameHead head = encodeServerHead(opcode, payload.size());
    m_stream->append(QByteArrayView(head.bytes.data(), head.size), payload);
}

void WebSocketPeer::close(CloseCode code, QByteArrayView reason)
{
    if (!m_stream)
        return;
    m_stream->append(encodeServerClose(code, reason));
    finish(code, false, true);
}

void WebSocketPeer::streamReceived(QByteArrayView bytes)
{
    const std::optional<FrameViolation> violation = m_frameGuard.feed(bytes, m_handler.maxMessageBytes(), *this);
    if (!m_stream)
        return;
    if (violation) {
        close(violation->code, violation->reason);
        return;
    }
    if (m_frameGuard.hasEndedMessage() || !m_frameGuard.isMidMessage())
        m_messageDue = 0; // what follows has a time of its own
    if (m_frameGuard.isMidMessage() && m_messageDue == 0)
        watch(m_messageDue, kMessageDeadline);
}

void WebSocketPeer::streamLost()
{
    finish(CloseCode::Abnormal, true, false);
}

bool WebSocketPeer::messageBegins()
{
    return m_stream && m_handler.messageBegins();
}

void WebSocketPeer::messageReceived(Opcode opcode, QByteArrayView payload)
{
    if (!m_stream)
        return;
    if (opcode == Opcode::Binary) {
        m_handler.binaryReceived();
        return;
    }
    if (!m_awake && !wake())
        return;
    if (m_awakeTime.count() > 0)
        watch(m_sleepDue, m_awakeTime);
    m_awake->feedText(payload);
    if (m_awakeTime.count() == 0 || m_loop.isMemoryAtLeast(MemoryLevel::DropDroppable))
        m_awake.reset();
}

bool WebSocketPeer::wake()
{
    auto awake = std::make_unique<AwakeSocket>(m_loop.upgrader(), m_loop.held(),
        AwakeSocket::Callbacks{ [this](const QString &text) { m_handler.textReceived(text); },
            [this] { close(CloseCode::InternalError); } });
    if (!awake->isValid())
        close(CloseCode::InternalError);
    if (!m_stream)
        return false; // QtWebSockets has refused, or closed within the call
    m_awake = std::move(awake);
    return true;
}

void WebSocketPeer::pingReceived(QByteArrayView payload)
{
    if (!m_stream)
        return;
    if (hasRoom())
        appendFrame(Opcode::Pong, payload);
    else // a peer that pings and never reads must not make the server grow: RFC 6455 section 5.5.3 asks for the last
         // pong alone
        m_latePing = std::make_unique<QByteArray>(payload.toByteArray());
}

void WebSocketPeer::streamDrained()
{
    if (const std::unique_ptr<QByteArray> ping = std::move(m_latePing))
        pingReceived(*ping);
    if (m_stream)
        m_handler.peerDrained();
}

void WebSocketPeer::streamBlocked()
{
    const Tick due = after(kQueueDeadline);
    if (!m_timer.isActive() || due < m_timerDue)
        startTimer(due);
}

WebSocketPeer::Tick WebSocketPeer::queueDue() const
{
    const std::optional<Tick> since = m_stream->waitsSince();
    return since ? *since + 1 + ticksOf(kQueueDeadline) : 0;
}

std::optional<std::chrono::milliseconds> WebSocketPeer::waitingFor() const
{
    const std::optional<Tick> since = m_stream ? m_stream->waitsSince() : std::nullopt;
    return since ? std::optional(TimingWheel::kTick * (Tick(m_loop.wheel().tick()) - *since)) : std::nullopt;
}

void WebSocketPeer::pongReceived(QByteArrayView payload)
{
    if (!m_stream || !m_isAwaitingPong || payload != pingPayload(m_loop.pingKey(), this, m_heartbeatDue))
        return; // unsolicited ones are allowed and mean nothing: RFC 6455 section 5.5.3
    m_isAwaitingPong = false;
    watch(m_heartbeatDue, kPingInterval);
}

void WebSocketPeer::closeReceived(QByteArrayView payload)
{
    if (!m_stream)
        return;
    const QByteArrayView code = payload.first(std::min<qsizetype>(payload.size(), 2));
    appendFrame(Opcode::Close, code); // RFC 6455 section 5.5.1: the answer echoes the code
    finish(code.isEmpty() ? CloseCode::NoStatus : CloseCode(qFromBigEndian<quint16>(code.data())), true, true);
}

WebSocketPeer::Tick WebSocketPeer::after(std::chrono::milliseconds delay) const
{
    // One more: part of the current tick is over already.
    return Tick(m_loop.wheel().tick() + 1) + ticksOf(delay);
}

void WebSocketPeer::watch(Tick &deadline, std::chrono::milliseconds delay)
{
    deadline = after(delay);
    // A timer that expires too early looks again: to move one with every message would cost more.
    if (!m_timer.isActive() || deadline < m_timerDue)
        startTimer(deadline);
}

void WebSocketPeer::startTimer(Tick due)
{
    const Tick now = Tick(m_loop.wheel().tick());
    m_timerDue = due;
    m_loop.wheel().start(m_timer, TimingWheel::kTick * (due > now + 1 ? due - now - 1 : 0));
}

void WebSocketPeer::deadlineDue()
{
    const Tick now = Tick(m_loop.wheel().tick());
    const auto isDue = [now](Tick deadline) { return deadline != 0 && deadline <= now; };
    if (isDue(m_messageDue)) {
        close(CloseCode::PolicyViolation, "message did not arrive in time");
        return;
    }
    if (isDue(queueDue())) {
        cut(Slowness::Age);
        return;
    }
    if (isDue(m_sleepDue)) {
        m_sleepDue = 0;
        m_awake.reset();
    }
    if (isDue(m_heartbeatDue))
        heartbeat();
    if (!m_stream)
        return;
    Tick next = m_heartbeatDue;
    for (const Tick deadline : { m_messageDue, m_sleepDue, queueDue() }) {
        if (deadline != 0)
            next = std::min(next, deadline);
    }
    startTimer(next);
}

void WebSocketPeer::heartbeat()
{
    if (m_isAwaitingPong) {
        finish(CloseCode::Abnormal, false, false);
        return;
    }
    m_isAwaitingPong = true;
    m_heartbeatDue = after(kPongDeadline);
    appendFrame(Opcode::Ping, pingPayload(m_loop.pingKey(), this, m_heartbeatDue));
    (void)judgeQueue();
}

void WebSocketPeer::finish(CloseCode code, bool isByPeer, bool lingers)
{
    if (!m_stream)
        return;
    std::unique_ptr<ClientStream> stream = std::move(m_stream);
    m_frameGuard.stop();
    m_timer.cancel();
    m_awake.reset();
    if (lingers)
        m_loop.linger(std::move(stream));
    m_handler.peerClosed(code, isByPeer);
}

} // namespace gatehouse
