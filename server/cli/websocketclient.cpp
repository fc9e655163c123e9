// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/websocketclient.h"

#include <QtCore/QRandomGenerator>
#include <QtCore/QUrl>
#include <QtCore/QtEndian>

#include "server/base/onthread.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kHandshakePatience = 10s;
constexpr auto kClosePatience = 1s;
constexpr qsizetype kMaxHeadBytes = 16 * 1024;
constexpr qsizetype kMaxBodyBytes = 64 * 1024;
constexpr qsizetype kMaxMessageBytes = 4 * 1024 * 1024;

/// As the Host header has it (RFC 9110 section 7.2): the port where it is not the scheme's own.
QByteArray hostOf(const WebSocketTarget &target)
{
    const QByteArray name = QUrl::toAce(target.server);
    QByteArray host = name.isEmpty() ? target.server.toLatin1() : name; // an address of IPv6 is no name
    if (host.contains(':'))
        host = '[' + host + ']';
    const bool isUsual = target.port == (target.isEncrypted ? 443 : 80);
    return isUsual ? host : host + ':' + QByteArray::number(target.port);
}

/// How much of an answer's body is read; nothing, if it does not say how long it is.
qsizetype bodyBytesOf(const bench::AnswerHead &head)
{
    return std::clamp<qsizetype>(head.bodyBytes, 0, kMaxBodyBytes);
}

} // namespace

WebSocketClient::WebSocketClient(QObject *parent)
    : QObject(parent)
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] { endConnection(u"no answer in time"_s); });
    connect(&m_socket, &QTcpSocket::connected, this, [this] {
        if (!m_target.isEncrypted)
            sendHandshake();
    });
    connect(&m_socket, &QSslSocket::encrypted, this, &WebSocketClient::sendHandshake);
    connect(&m_socket, &QTcpSocket::readyRead, this, &WebSocketClient::readBytes);
    connect(
        &m_socket, &QTcpSocket::disconnected, this, [this] { endConnection(u"the server closed the connection"_s); });
    connect(&m_socket, &QTcpSocket::errorOccurred, this, [this] { endConnection(m_socket.errorString()); });
}

WebSocketClient::~WebSocketClient()
{
    m_socket.disconnect(this);
    m_socket.abort();
}

void WebSocketClient::open(const WebSocketTarget &target)
{
    if (m_state != State::Idle)
        return;
    m_target = target;
    m_state = State::Connecting;
    m_key = bench::makeHandshakeKey();
    m_received.clear();
    m_message.clear();
    m_closeCode = 1006;
    m_deadline.start(kHandshakePatience);
    if (!target.localAddress.isNull() && !m_socket.bind(target.localAddress)) {
        // Not before the caller is back in its event loop: it may not expect the answer yet.
        postTo(*this, [this] { finish(m_closeCode, m_socket.errorString()); });
        return;
    }
    if (target.isEncrypted)
        m_socket.connectToHostEncrypted(target.server, target.port);
    else
        m_socket.connectToHost(target.server, target.port);
}

void WebSocketClient::sendText(QByteArrayView text)
{
    if (m_state == State::Open)
        send(bench::kText, text);
}

void WebSocketClient::close(quint16 code)
{
    if (m_state != State::Open) {
        finish(m_closeCode, u"given up"_s);
        return;
    }
    QByteArray payload(2, '\0');
    qToBigEndian(code, payload.data());
    send(bench::kClose, payload);
    m_state = State::Closing;
    m_closeCode = code;
    m_deadline.start(kClosePatience);
}

void WebSocketClient::sendHandshake()
{
    m_socket.write(
        bench::upgradeRequest({ m_target.path, hostOf(m_target), m_target.origin, m_target.token, m_key.key }));
}

void WebSocketClient::readBytes()
{
    m_received += m_socket.readAll();
    if (m_state == State::Connecting)
        readHandshake();
    else
        readFrames();
}

void WebSocketClient::readHandshake()
{
    const std::optional<bench::AnswerHead> head = bench::scanAnswerHead(m_received);
    if (!head) {
        if (m_received.size() > kMaxHeadBytes)
            finish(m_closeCode, u"the server's answer is too long"_s);
        return;
    }
    if (head->status == 0) {
        finish(m_closeCode, u"the server does not speak HTTP"_s);
        return;
    }
    if (head->status != 101) {
        if (m_received.size() >= head->size + bodyBytesOf(*head))
            refuse(*head);
        return;
    }
    const QByteArray fields = m_received.first(head->size);
    m_received.remove(0, head->size);
    if (bench::headerValue(fields, "sec-websocket-accept") != m_key.accept) {
        finish(m_closeCode, u"the server's answer does not belong to our request"_s);
    } else {
        m_deadline.stop();
        m_state = State::Open;
        Q_EMIT opened();
        readFrames();
    }
}

void WebSocketClient::refuse(const bench::AnswerHead &head)
{
    const QByteArray fields = m_received.first(head.size);
    const QByteArray body = m_received.mid(head.size, bodyBytesOf(head));
    m_state = State::Idle;
    m_deadline.stop();
    m_socket.abort();
    Q_EMIT refused(head.status, bench::headerValue(fields, "retry-after").toInt(), body);
}

void WebSocketClient::readFrames()
{
    const QByteArray bytes = std::exchange(m_received, {});
    qsizetype at = 0;
    while (m_state == State::Open || m_state == State::Closing) {
        const bench::ScannedFrame frame = bench::scanServerFrame(QByteArrayView(bytes).sliced(at));
        if (frame.status == bench::ScannedFrame::Status::Invalid)
            finish(1002, u"the server sent what is no frame"_s);
        if (frame.status != bench::ScannedFrame::Status::Complete) {
            m_received = bytes.sliced(at);
            return;
        }
        at += frame.size;
        handleFrame(frame);
    }
}

void WebSocketClient::handleFrame(const bench::ScannedFrame &frame)
{
    switch (frame.opcode) {
    case bench::kPing:
        send(bench::kPong, frame.payload);
        break;
    case bench::kPong:
        break;
    case bench::kClose:
        if (m_state == State::Open) {
            m_closeCode = frame.payload.size() >= 2 ? qFromBigEndian<quint16>(frame.payload.data()) : 1005;
            send(bench::kClose, frame.payload.first(std::min<qsizetype>(frame.payload.size(), 2)));
        }
        m_state = State::Closing;
        m_deadline.start(kClosePatience); // the server ends the connection
        break;
    default:
        m_message += frame.payload;
        if (m_message.size() > kMaxMessageBytes)
            finish(1009, u"the server sent too large a message"_s);
        else if (frame.isFinal)
            Q_EMIT textReceived(std::exchange(m_message, {}));
        break;
    }
}

void WebSocketClient::send(quint8 opcode, QByteArrayView payload)
{
    m_socket.write(bench::clientFrame(opcode, payload, QRandomGenerator::global()->generate()));
}

void WebSocketClient::endConnection(const QString &reason)
{
    const std::optional<bench::AnswerHead> head
        = m_state == State::Connecting ? bench::scanAnswerHead(m_received) : std::nullopt;
    if (head && head->status != 0 && head->status != 101)
        refuse(*head); // its body is cut short, but why it is one is known
    else
        finish(m_closeCode, reason);
}

void WebSocketClient::finish(int code, const QString &reason)
{
    const State state = std::exchange(m_state, State::Idle);
    if (state == State::Idle)
        return;
    m_deadline.stop();
    m_socket.abort();
    if (state == State::Connecting)
        Q_EMIT failed(reason);
    else
        Q_EMIT ended(code);
}

} // namespace gatehouse
