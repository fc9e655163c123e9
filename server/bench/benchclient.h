// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/bench/benchplan.h"
#include "server/bench/eventloop.h"

namespace gatehouse::bench {

class Client;

/// Told what a client lives through. Calls come from within EventLoop::run(); it may send, close and open the client
/// then, but not destroy it.
class ClientObserver
{
public:
    virtual ~ClientObserver() = default;
    /// Upgraded, and greeted if a greeting is expected.
    virtual void opened(Client &) { }
    /// The handshake was answered with another status than 101.
    virtual void refused(Client &, int /*status*/) { }
    /// A whole text message; valid during the call.
    virtual void text(Client &, QByteArrayView) { }
    virtual void pong(Client &) { }
    /// An open connection is over; 1006 if it was lost.
    virtual void ended(Client &, int /*closeCode*/) { }
    /// There was no connection at all, or no answer that makes sense.
    virtual void failed(Client &, const QString & /*reason*/) { }
};

/// How a client connects. A plain value.
struct ConnectionSpec
{
    QByteArray request;            ///< the whole handshake
    QByteArray accept;             ///< the Sec-WebSocket-Accept that belongs to it
    std::optional<quint32> source; ///< IPv4 in host order
    int receiveBufferBytes = 0;    ///< 0: the system's
};

/// One WebSocket connection of the load generator: a non-blocking socket that answers pings by itself. Ended
/// connections are reset, so that no port waits in TIME_WAIT. One connection at a time; lives on the loop's thread.
class Client final : public Pollable
{
public:
    /// Loop and plan outlive it.
    Client(EventLoop &loop, const BenchPlan &plan, int number);
    ~Client() override;
    Q_DISABLE_COPY_MOVE(Client)

    [[nodiscard]] int number() const { return m_number; }
    void observe(ClientObserver *observer) { m_observer = observer; }
    /// Only when idle. failed() may come before this returns.
    void open(const ConnectionSpec &spec);
    [[nodiscard]] bool isOpen() const { return m_state == State::Open; }
    [[nodiscard]] bool isIdle() const { return m_state == State::Idle; }
    /// Complete frames; what the kernel does not take now waits.
    void send(QByteArrayView frames);
    /// Says goodbye; ended() follows.
    void close();
    /// Drops the connection without a word or a call.
    void abort();
    /// Reads nothing any more, until resumeReading(); that the connection is over is still noticed.
    void pauseReading();
    void resumeReading();
    [[nodiscard]] qint64 pingsAnswered() const { return m_pingsAnswered; }

    void ready(quint32 events) override;

private:
    enum class State : quint8
    {
        Idle,
        Connecting,
        Upgrading,
        Greeting,
        Open,
        Closing
    };
    void fail(const QString &reason);
    void end(int closeCode);
    void startUpgrade();
    void flush();
    void receive();
    void consume(QByteArrayView bytes);
    [[nodiscard]] qsizetype readUpgrade(QByteArrayView bytes);
    void handleFrame(quint8 opcode, bool isFinal, QByteArrayView payload);
    void watch();

    EventLoop &m_loop;
    const BenchPlan &m_plan;
    ClientObserver *m_observer = nullptr;
    ConnectionSpec m_spec;
    int m_number;
    int m_fd = -1;
    quint32 m_connection = 0; ///< counts connections: tells a callback that it has got another one
    State m_state = State::Idle;
    bool m_isPaused = false;
    bool m_isConsuming = false;
    quint32 m_watched = 0; ///< what epoll reports now
    int m_closeCode = 1006;
    qint64 m_pingsAnswered = 0;
    QByteArray m_unsent;
    QByteArray m_rest; ///< a frame of which the end has not come
};

} // namespace gatehouse::bench
