// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/websocketclient.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QRandomGenerator>
#include <QtCore/QtEndian>

#include "server/base/onthread.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kHandshakePatience = 10s;
constexpr auto kClosePatience = 1s;
constexpr qsizetype kMaxHeadBytes = 16 * 1024;

QByteArray randomKey()
{
    QByteArray key(16, '\0');
    for (char &byte : key)
        byte = char(QRandomGenerator::global()->bounded(256));
    return key.toBase64();
}

QByteArray acceptFor(const QByteArray &key)
{
    const QByteArray text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return QCryptographicHash::hash(text, QCryptographicHash::Sha1).toBase64();
}

/// The value of a header in a response's head; empty if it is not there.
QByteArray headerValue(const QByteArray &head, const QByteArray &lowerCaseName)
{
    const QList<QByteArray> lines = head.split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0 && line.first(colon).trimmed().toLower() == lowerCaseName)
            return line.sliced(colon + 1).trimmed();
    }
    return {};
}

} // namespace

WebSocketClient::WebSocketClient(QObject *parent)
    : QObject(parent)
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] { finish(m_closeCode, u"no answer in time"_s); });
    connect(&m_socket, &QTcpSocket::connected, this, &WebSocketClient::sendHandshake);
    connect(&m_socket, &QTcpSocket::readyRead, this, &WebSocketClient::readBytes);
    connect(&m_socket, &QTcpSocket::disconnected, this,
        [this] { finish(m_closeCode, u"the server closed the connection"_s); });
    connect(&m_socket, &QTcpSocket::errorOccurred, this, [this] { finish(m_closeCode, m_socket.errorString()); });
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
    m_key = randomKey();
    m_head.clear();
    m_message.clear();
    m_reader = {};
    m_closeCode = 1006;
    m_deadline.start(kHandshakePatience);
    if (!target.localAddress.isNull() && !m_socket.bind(target.localAddress)) {
        // Not before the caller is back in its event loop: it may not expect the answer yet.
        postTo(*this, [this] { finish(m_closeCode, m_socket.errorString()); });
        return;
    }
    m_socket.connectToHost(target.server, target.port);
}

void WebSocketClient::sendText(QByteArrayView text)
{
    if (m_state == State::Open)
        send(Opcode::Text, text);
}

void WebSocketClient::close(quint16 code)
{
    if (m_state != State::Open) {
        finish(m_closeCode, u"given up"_s);
        return;
    }
    QByteArray payload(2, '\0');
    qToBigEndian(code, payload.data());
    send(Opcode::Close, payload);
    m_state = State::Closing;
    m_closeCode = code;
    m_deadline.start(kClosePatience);
}

void WebSocketClient::sendHandshake()
{
    const QByteArray host = m_target.server.toString().toLatin1() + ':' + QByteArray::number(m_target.port);
    QByteArray head = "GET " + m_target.path + " HTTP/1.1\r\nHost: " + host
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + m_key
        + "\r\n";
    if (!m_target.origin.isEmpty())
        head += "Origin: " + m_target.origin + "\r\n";
    if (!m_target.token.isEmpty())
        head += "Authorization: Bearer " + m_target.token + "\r\n";
    m_socket.write(head + "\r\n");
}

void WebSocketClient::readBytes()
{
    if (m_state == State::Connecting)
        readHandshake();
    else
        readFrames(m_socket.readAll());
}

void WebSocketClient::readHandshake()
{
    m_head += m_socket.readAll();
    const qsizetype end = m_head.indexOf("\r\n\r\n");
    if (end < 0) {
        if (m_head.size() > kMaxHeadBytes)
            finish(m_closeCode, u"the server's answer is too long"_s);
        return;
    }
    const QByteArray rest = m_head.sliced(end + 4);
    m_head.truncate(end);
    const int status = m_head.startsWith("HTTP/1.1 ") ? m_head.mid(9, 3).toInt() : 0;
    if (status != 101) {
        m_state = State::Idle;
        m_deadline.stop();
        m_socket.abort();
        if (status == 0)
            Q_EMIT failed(u"the server does not speak HTTP"_s);
        else
            Q_EMIT refused(status, headerValue(m_head, "retry-after").toInt());
        return;
    }
    if (headerValue(m_head, "sec-websocket-accept") != acceptFor(m_key)) {
        finish(m_closeCode, u"the server's answer does not belong to our request"_s);
        return;
    }
    m_deadline.stop();
    m_state = State::Open;
    Q_EMIT opened();
    if (!rest.isEmpty())
        readFrames(rest);
}

void WebSocketClient::readFrames(QByteArrayView bytes)
{
    const Result<std::vector<ServerFrame>> frames = m_reader.feed(bytes);
    if (!frames) {
        finish(1002, frames.error().message);
        return;
    }
    for (const ServerFrame &frame : *frames) {
        if (m_state != State::Open && m_state != State::Closing)
            return;
        handleFrame(frame);
    }
}

void WebSocketClient::handleFrame(const ServerFrame &frame)
{
    switch (frame.opcode) {
    case Opcode::Ping:
        send(Opcode::Pong, frame.payload);
        break;
    case Opcode::Close:
        if (m_state == State::Open) {
            m_closeCode = frame.payload.size() >= 2 ? qFromBigEndian<quint16>(frame.payload.constData()) : 1005;
            send(Opcode::Close, QByteArrayView(frame.payload).first(std::min<qsizetype>(frame.payload.size(), 2)));
        }
        m_state = State::Closing;
        m_deadline.start(kClosePatience); // the server ends the connection
        break;
    case Opcode::Text:
    case Opcode::Binary:
    case Opcode::Continuation:
        m_message += frame.payload;
        if (m_message.size() > ServerFrameReader::kMaxPayloadBytes)
            finish(1009, u"the server sent too large a message"_s);
        else if (frame.isFinal)
            Q_EMIT textReceived(std::exchange(m_message, {}));
        break;
    case Opcode::Pong:
        break;
    }
}

void WebSocketClient::send(Opcode opcode, QByteArrayView payload)
{
    m_socket.write(encodeMaskedFrame(opcode, payload, QRandomGenerator::global()->generate()));
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
