// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/rawclient.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QtEndian>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

using namespace Qt::StringLiterals;

namespace gatehouse::conformance {

namespace {

constexpr int kTimeoutMillis = 20'000; // the machine may stand still for a moment
constexpr int kHighestFd = 4096;

const QByteArray kHandshake = "GET /ws/notifications/?token=42 HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n"
                              "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

sockaddr_in nameOf(int fd, decltype(::getsockname) *ask)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (ask(fd, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return {};
    return address;
}

QByteArray describeText(const QByteArray &payload)
{
    const QJsonObject object = QJsonDocument::fromJson(payload).object();
    const QString type = object.value("type"_L1).toString();
    if (type == "pong"_L1 && object.size() == 2)
        return answered(object.value("id"_L1).toString().toUtf8());
    if (type == "error"_L1)
        return "error " + object.value("code"_L1).toString().toUtf8();
    return "text " + payload;
}

QByteArray describeFrame(const ServerFrame &frame)
{
    switch (frame.first) {
    case 0x80 | kText:
        return describeText(frame.payload);
    case 0x80 | kPong:
        return pong(frame.payload);
    case 0x80 | kClose:
        if (frame.payload.isEmpty())
            return closed(1005);
        return frame.payload.size() == 1 ? QByteArray("close of one byte")
                                         : closed(qFromBigEndian<quint16>(frame.payload.constData()));
    default:
        return "frame " + QByteArray::number(frame.first, 16) + ' ' + frame.payload.toHex();
    }
}

} // namespace

RawClient::RawClient(quint16 port)
    : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    const int on = 1;
    ::setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return;
    send(kHandshake, kHandshake.size());
    while (!m_received.contains("\r\n\r\n") && readMore()) { }
    m_isOpen = m_received.startsWith("HTTP/1.1 101 ");
    m_received.remove(0, m_received.indexOf("\r\n\r\n") + 4);
    const std::optional<QByteArray> greeting = receive(1);
    m_isOpen = m_isOpen && greeting && greeting->contains("notifications_list");
    m_serverFd = findServerSide();
}

RawClient::~RawClient()
{
    ::close(m_fd);
}

int RawClient::findServerSide() const
{
    const sockaddr_in own = nameOf(m_fd, ::getsockname);
    for (int fd = 0; fd < kHighestFd; ++fd) {
        const sockaddr_in peer = nameOf(fd, ::getpeername);
        if (fd != m_fd && peer.sin_family == AF_INET && peer.sin_port == own.sin_port
            && peer.sin_addr.s_addr == own.sin_addr.s_addr)
            return fd;
    }
    return -1;
}

void RawClient::waitUntilRead() const
{
    const QDeadlineTimer deadline(kTimeoutMillis);
    int unread = 0;
    while (m_serverFd >= 0 && ::ioctl(m_serverFd, FIONREAD, &unread) == 0 && unread > 0 && !deadline.hasExpired())
        ::sched_yield();
}

void RawClient::send(const QByteArray &bytes, qsizetype pieceSize)
{
    for (qsizetype at = 0; at < bytes.size();) {
        const qsizetype size = qMin(pieceSize, bytes.size() - at);
        const ssize_t sent = ::send(m_fd, bytes.constData() + at, size_t(size), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += sent;
        if (pieceSize < bytes.size())
            waitUntilRead();
    }
}

bool RawClient::readMore()
{
    pollfd waiting{ m_fd, POLLIN, 0 };
    if (::poll(&waiting, 1, kTimeoutMillis) <= 0)
        return false;
    char buffer[65'536];
    const ssize_t size = ::recv(m_fd, buffer, sizeof buffer, 0);
    if (size > 0)
        m_received.append(buffer, size);
    else
        m_hasEnded = true;
    return size > 0;
}

std::optional<QByteArray> RawClient::receive(qsizetype count)
{
    QByteArray taken;
    for (;;) {
        QByteArray rest = m_received;
        const QList<ServerFrame> frames = takeFrames(rest);
        if (frames.size() >= count)
            return std::exchange(m_received, {});
        if (!readMore())
            return m_hasEnded ? std::optional(std::exchange(m_received, {})) : std::nullopt;
    }
}

std::optional<QByteArray> RawClient::receiveAll()
{
    while (readMore()) { }
    return m_hasEnded ? std::optional(std::exchange(m_received, {})) : std::nullopt;
}

QList<ServerFrame> takeFrames(QByteArray &bytes)
{
    QList<ServerFrame> frames;
    for (;;) {
        if (bytes.size() < 2)
            return frames;
        qsizetype head = 2;
        quint64 size = quint8(bytes[1]);
        if (size == 126 && bytes.size() >= 4) {
            size = qFromBigEndian<quint16>(bytes.constData() + 2);
            head = 4;
        } else if (size == 127 && bytes.size() >= 10) {
            size = qFromBigEndian<quint64>(bytes.constData() + 2);
            head = 10;
        } else if (size > 125) {
            return frames;
        }
        if (quint64(bytes.size() - head) < size)
            return frames;
        frames.append({ quint8(bytes[0]), bytes.mid(head, qsizetype(size)) });
        bytes.remove(0, head + qsizetype(size));
    }
}

QList<QByteArray> describe(QByteArray bytes)
{
    QList<QByteArray> words;
    for (const ServerFrame &frame : takeFrames(bytes))
        words += describeFrame(frame);
    if (!bytes.isEmpty())
        words += "rest " + bytes.toHex();
    return words;
}

} // namespace gatehouse::conformance
