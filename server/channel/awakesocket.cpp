// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/awakesocket.h"

#include <QtWebSockets/QWebSocket>

#include "server/channel/framecodec.h"

namespace gatehouse {

namespace {

constexpr qint64 kAwakeBytes = 9 * 1024; // as measured; most of it is QtWebSockets'

} // namespace

AwakeSocket::AwakeSocket(WebSocketUpgrader &upgrader, MemoryAccount &held, const Callbacks &callbacks)
    : m_held(held, MemoryHolder::Connections, kAwakeBytes)
    , m_socket(new GuardedSocket(callbacks.failed))
    , m_webSocket(upgrader.upgrade(*m_socket))
{
    if (m_webSocket)
        QObject::connect(m_webSocket, &QWebSocket::textMessageReceived, m_webSocket, callbacks.textReceived);
}

AwakeSocket::~AwakeSocket()
{
    if (m_webSocket) {
        m_webSocket->disconnect(m_webSocket);
        m_webSocket->deleteLater();
    }
    if (m_socket) {
        m_socket->lose();
        m_socket->deleteLater();
    }
}

void AwakeSocket::feedText(QByteArrayView payload)
{
    m_socket->feed(encodeClientFrame(Opcode::Text, payload));
}

} // namespace gatehouse
