// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QUrl>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/bench/benchtarget.h"
#include "server/bench/wireformat.h"

namespace gatehouse {

/// A server for one connection, played by the test itself: it accepts, reads and writes when it is told to, on the
/// test's own thread.
class LoopbackPeer final
{
public:
    LoopbackPeer()
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(m_listener, reinterpret_cast<const sockaddr *>(&address), size);
        ::listen(m_listener, 8);
        ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size);
        m_port = ntohs(address.sin_port);
    }
    ~LoopbackPeer()
    {
        hangUp();
        stopListening();
    }
    Q_DISABLE_COPY_MOVE(LoopbackPeer)

    [[nodiscard]] bench::Target target() const
    {
        return *bench::resolveTarget(QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_port)));
    }

    /// Everything that has come so far; accepts if nobody is there yet. Never waits.
    QByteArray read()
    {
        if (m_fd < 0 && isReadable(m_listener))
            m_fd = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        while (m_fd >= 0 && isReadable(m_fd)) {
            char buffer[65536];
            const ssize_t count = ::recv(m_fd, buffer, sizeof buffer, 0);
            if (count <= 0)
                break;
            m_received.append(buffer, count);
        }
        return m_received;
    }
    [[nodiscard]] bool hasRequest() { return read().contains("\r\n\r\n"); }
    void forget() { m_received.clear(); }

    void write(const QByteArray &bytes)
    {
        QCOMPARE(::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
    }
    /// Upgrades with the right answer, and then sends `more` in the same write.
    void upgrade(const QByteArray &accept, const QByteArray &more = {})
    {
        write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + accept + "\r\n\r\n" + more);
        forget();
    }
    void hangUp()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
        m_received.clear();
    }
    void stopListening()
    {
        if (m_listener >= 0)
            ::close(std::exchange(m_listener, -1));
    }

private:
    static bool isReadable(int fd)
    {
        pollfd entry{ fd, POLLIN, 0 };
        return ::poll(&entry, 1, 0) == 1;
    }

    int m_listener = -1;
    int m_fd = -1;
    quint16 m_port = 0;
    QByteArray m_received;
};

/// A frame of a server: unmasked, final, below 126 bytes.
inline QByteArray peerFrame(quint8 opcode, const QByteArray &payload)
{
    return QByteArray(1, char(0x80 | opcode)) + char(payload.size()) + payload;
}

} // namespace gatehouse
