// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/guardedsocket.h"

#include <cstring>

#include <QtCore/QSignalBlocker>
#include <QtNetwork/QHostAddress>

namespace gatehouse {

GuardedSocket::GuardedSocket(GuardedSocketSink &sink, const IpAddress &peer, quint16 peerPort)
    : m_sink(&sink)
{
    setPeerAddress(QHostAddress(peer.bytes().data()));
    setPeerPort(peerPort);
    setSocketState(ConnectedState);
    setOpenMode(ReadWrite | Unbuffered);
}

GuardedSocket::~GuardedSocket()
{
    m_sink = nullptr; // ~QAbstractSocket() closes
    m_unread = {};
}

void GuardedSocket::feed(QByteArrayView bytes)
{
    if (m_unread.isEmpty()) {
        m_unread = bytes;
    } else { // what was not taken yet comes first
        m_kept = QByteArray(m_unread.data(), m_unread.size()).append(bytes);
        m_unread = m_kept;
    }
    Q_EMIT readyRead();
    m_kept = m_unread.isEmpty() ? QByteArray() : QByteArray(m_unread.data(), m_unread.size());
    m_unread = m_kept;
}

void GuardedSocket::dropHandshakeBuffer()
{
    const QSignalBlocker blocker(this);
    QIODevice::close();
    QIODevice::open(ReadWrite | Unbuffered);
}

void GuardedSocket::lose()
{
    if (state() == UnconnectedState)
        return;
    m_unread = {}; // or QWebSocket goes on reading from a closed device for ever
    setSocketState(UnconnectedState);
    setOpenMode(NotOpen);
    Q_EMIT stateChanged(UnconnectedState);
    Q_EMIT disconnected();
}

void GuardedSocket::endOnce()
{
    if (state() == UnconnectedState)
        return;
    GuardedSocketSink *sink = m_sink;
    lose();
    if (sink)
        sink->socketClosed();
}

qint64 GuardedSocket::bytesAvailable() const
{
    return m_unread.size() + QIODevice::bytesAvailable();
}

qint64 GuardedSocket::bytesToWrite() const
{
    return m_sink ? m_sink->socketBytesToWrite() : 0;
}

void GuardedSocket::setSocketOption(SocketOption, const QVariant &)
{
    // The options were set on the descriptor when it was accepted.
}

void GuardedSocket::close()
{
    endOnce();
}

void GuardedSocket::disconnectFromHost()
{
    endOnce();
}

qint64 GuardedSocket::readData(char *data, qint64 maxSize)
{
    const qint64 size = qMin<qint64>(maxSize, m_unread.size());
    if (size > 0)
        std::memcpy(data, m_unread.data(), size_t(size));
    m_unread = m_unread.sliced(size);
    return size;
}

qint64 GuardedSocket::writeData(const char *data, qint64 size)
{
    if (m_sink)
        m_sink->socketWrote(QByteArrayView(data, size));
    return size;
}

} // namespace gatehouse
