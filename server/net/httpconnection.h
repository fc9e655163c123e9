// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/net/clientstream.h"
#include "server/net/httphead.h"
#include "server/net/timingwheel.h"

namespace gatehouse {

class HttpConnection;

/// Deadlines of an HTTP connection. All of them end in a closed connection, whatever the peer does.
inline constexpr std::chrono::seconds kHeadDeadline{ 5 }; ///< for a whole head, from its first possible moment
inline constexpr std::chrono::seconds kBodyDeadline{ 10 };
inline constexpr std::chrono::seconds kAnswerDeadline{ 10 }; ///< for the peer to take the answer
inline constexpr std::chrono::seconds kIdleDeadline{ 15 };   ///< between two requests of a kept connection

/// What an HttpConnection asks of its worker. Calls may destroy the connection.
class HttpConnectionOwner
{
public:
    virtual ~HttpConnectionOwner() = default;
    /// A complete request; answer with HttpConnection::respond(), or take the stream.
    virtual void requestReceived(HttpConnection &connection, HttpRequest request) = 0;
    /// The connection has ended; destroy it.
    virtual void connectionEnded(HttpConnection &connection) = 0;
};

/// One connection while it speaks HTTP: reads requests one at a time, within bounds and deadlines, and writes the
/// answers in order. Nothing is read until the answer has been given to the kernel: who sends requests and reads no
/// answers is not served any further. Lives on its worker's thread.
class HttpConnection final : public ClientStreamObserver
{
public:
    HttpConnection(quint64 id, std::unique_ptr<ClientStream> stream, TimingWheel &wheel, HttpConnectionOwner &owner);
    Q_DISABLE_COPY_MOVE(HttpConnection)

    [[nodiscard]] quint64 id() const { return m_id; }
    [[nodiscard]] const ClientStream &stream() const { return *m_stream; }

    /// Answers the current request. `isFinal`: close afterwards whatever the request said.
    void respond(const HttpResponse &response, bool isFinal = false);
    /// The connection's last bytes, whatever they are: written in one go, and then its end as after a final answer.
    void end(const QByteArray &lastBytes);
    /// Hands the connection over to another protocol, with the bytes that came behind the head. The HttpConnection is
    /// of no use afterwards and is to be destroyed by its owner.
    [[nodiscard]] std::unique_ptr<ClientStream> takeStream(QByteArray &early);

    void streamReceived(QByteArrayView bytes) override;
    void streamLost() override;
    void streamDrained() override;

private:
    enum class State
    {
        ReadingHead,
        ReadingBody,
        Answering,
        Draining
    };
    void readHead();
    void readBody();
    void deliver();
    void refuse(const Problem &problem);
    void deadlineExpired();
    void nextRequest();
    void finish();

    quint64 m_id;
    std::unique_ptr<ClientStream> m_stream;
    TimingWheel &m_wheel;
    HttpConnectionOwner &m_owner;
    WheelTimer m_deadline;
    State m_state = State::ReadingHead;
    QByteArray m_input;
    HttpRequest m_request;
    qsizetype m_bodyBytes = 0;
    bool m_isHead = false; ///< HEAD: the answer's body is left out
    bool m_closesAfterAnswer = false;
    bool m_isAnswerQueued = false; ///< the next request waits until it is written
    bool m_isIdle = false;         ///< between two requests
};

/// The bytes of an answer, head and body. Pure.
[[nodiscard]] QByteArray encodeResponse(const HttpResponse &response, bool isHead, bool keepsAlive);

} // namespace gatehouse
