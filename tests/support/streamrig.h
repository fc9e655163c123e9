// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/channel/framecodec.h"
#include "server/net/clientstream.h"
#include "server/net/connectionloop.h"
#include "tests/support/fakeclock.h"

namespace gatehouse {

/// A connection loop with clocks that the test turns, and streams on one end of a socket pair: the test is the client
/// on the other. A base, so that what a fixture makes of its stream ends before what the stream uses.
class StreamRig
{
public:
    Q_DISABLE_COPY_MOVE(StreamRig)

    /// What opens a WebSocket, as far as the peer reads it.
    [[nodiscard]] static HttpRequest upgradeRequest()
    {
        HttpRequest request;
        request.headers = { { "sec-websocket-version", "13" }, { "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==" } };
        return request;
    }

    void say(const QByteArray &bytes)
    {
        QCOMPARE(::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
        for (int i = 0; i < 5; ++i)
            QCoreApplication::processEvents();
    }
    void sayText(const QByteArray &text) { say(encodeClientFrame(Opcode::Text, text)); }
    /// What has come since the last time, at most so much.
    QByteArray hear(qsizetype bytes = 64 * 1024)
    {
        m_outbox.flush();
        return received(bytes);
    }
    void pass(std::chrono::milliseconds time)
    {
        using namespace std::chrono_literals;
        for (auto passed = 0ms; passed < time; passed += 100ms)
            jump(100ms);
    }
    /// The process stands still for the first, and somebody sets the wall clock by the second.
    void jump(std::chrono::milliseconds stopped, std::chrono::milliseconds set = {})
    {
        m_clock.advance(stopped);
        m_clock.jumpUtc(set);
        m_loop.wheel().advance();
        m_loop.dates().advance();
    }

    MemoryState memory;

protected:
    StreamRig() = default;
    ~StreamRig()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }

    /// The stream whose client the test is; once.
    [[nodiscard]] std::unique_ptr<ClientStream> takeStream()
    {
        const auto [ours, theirs] = makePair();
        m_fd = theirs;
        return std::make_unique<ClientStream>(ours, IpAddress(), quint16(1), m_io);
    }
    /// One whose client has gone.
    [[nodiscard]] std::unique_ptr<ClientStream> makeDeserted()
    {
        const auto [ours, theirs] = makePair();
        ::close(theirs);
        return std::make_unique<ClientStream>(ours, IpAddress(), quint16(1), m_io);
    }
    [[nodiscard]] QByteArray received(qsizetype bytes) const
    {
        QByteArray buffer(bytes, Qt::Uninitialized);
        return buffer.left(qMax<ssize_t>(0, ::recv(m_fd, buffer.data(), size_t(bytes), MSG_DONTWAIT)));
    }
    [[nodiscard]] FakeClock &clock() { return m_clock; }
    [[nodiscard]] Outbox &outbox() { return m_outbox; }
    [[nodiscard]] ConnectionLoop &connectionLoop() { return m_loop; }

private:
    static std::pair<int, int> makePair()
    {
        int fds[2]{ -1, -1 };
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
            qFatal("no socket pair");
        return { fds[0], fds[1] };
    }

    FakeClock m_clock;
    std::vector<Network> m_proxies;
    Poller m_poller;
    Outbox m_outbox;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);
    LoopCommons m_commons{ 1000 };
    ConnectionLoop m_loop{ ConnectionLoopEnvironment{
        &m_clock, nullptr, nullptr, &m_proxies, &memory, &m_commons } }; ///< lets streams linger
    const StreamIo m_io{ m_poller, m_outbox, m_buffer, &m_loop.wheel() };
    int m_fd = -1;
};

} // namespace gatehouse
