// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/guardedsocket.h"

#include <cstring>

#include <QtCore/QSignalBlocker>

namespace gatehouse {

GuardedSocket::GuardedSocket(std::function<void()> closed)
    : m_closed(std::move(closed))
{
    setSocketState(ConnectedState);
    setOpenMode(ReadWrite | Unbuffered);
}

GuardedSocket::~GuardedSocket()
{
    m_closed = nullptr; // ~QAbstractSocket() closes
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
    m_closed = nullptr;
    end();
}

void GuardedSocket::end()
{
    if (state() == UnconnectedState)
        return;
    m_unread = {}; // or QWebSocket goes on reading from a closed device for ever
    setSocketState(UnconnectedState);
    setOpenMode(NotOpen);
    const std::function<void()> closed = std::exchange(m_closed, nullptr);
    Q_EMIT stateChanged(UnconnectedState);
    Q_EMIT disconnected();
    if (closed)
        closed();
}

qint64 GuardedSocket::bytesAvailable() const
{
    return m_unread.size() + QIODevice::bytesAvailable();
}

qint64 GuardedSocket::readData(char *data, qint64 maxSize)
{
    const qint64 size = qMin<qint64>(maxSize, m_unread.size());
    if (size > 0)
        std::memcpy(data, m_unread.data(), size_t(size));
    m_unread = m_unread.sliced(size);
    return size;
}

} // namespace gatehouse
