// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/net/clientstream.h"
#include "server/net/httphead.h"
#include "server/net/httpplaces.h"
#include "server/net/malformedrequests.h"
#include "server/net/proxyheader.h"
#include "server/net/timingwheel.h"

namespace gatehouse {

class HttpConnection;

/// What an HttpConnection asks of its worker. Calls may destroy the connection.
class HttpConnectionOwner : public HttpPlaceKeeper
{
public:
    /// The proxy has named its client, before anything that it asks for: the connection is that client's from now on.
    virtual void clientNamed(HttpConnection &connection, const ProxyHeaderReader::Client &client) = 0;
    /// The head of a request, without its body: answer with HttpConnection::respond(), take the stream, or ask for the
    /// body.
    virtual void requestReceived(HttpConnection &connection, HttpRequest request) = 0;
    /// The body that was asked for with HttpConnection::readBody(); answer with HttpConnection::respond().
    virtual void bodyReceived(HttpConnection &connection, QByteArray body) = 0;
    /// What came is no request that could be answered but with this problem, and is being answered so; or it is no
    /// body, and its request has another answer.
    virtual void requestRefused(HttpConnection &connection, const MalformedRequest &refused) = 0;
    /// The connection has ended; destroy it.
    virtual void connectionEnded(HttpConnection &connection) = 0;
    /// Whether answers are the last ones of their connections, because the server ends.
    [[nodiscard]] virtual bool isEnding() const { return false; }
};

/// One connection while it speaks HTTP: reads requests one at a time, within bounds and deadlines, and writes the
/// answers in order. Nothing is read until the answer has been given to the kernel: who sends requests and reads no
/// answers is not served any further. Nothing is kept of a body before the owner asks for it: a request that is
/// answered without is read past it, or is the connection's last. A peer that has ended its side (RFC 9112 section 9.6)
/// gets the answers to all that it has asked. Lives on its worker's thread.
class HttpConnection final : public ClientStreamObserver
{
public:
    /// What a connection begins with.
    enum class Begin : quint8
    {
        Request,
        ProxyHeader, ///< of the PROXY protocol; anything else is refused
        Refused,     ///< nothing would do: a proxy header is expected, and the peer is no proxy
    };
    /// Whose the connection is among those of the process.
    struct Among
    {
        HttpPlaces &places;
        std::optional<AddressKey> address; ///< as HttpPlace has it
        Begin begin = Begin::Request;
    };
    HttpConnection(quint64 id, std::unique_ptr<ClientStream> stream, TimingWheel &wheel, HttpConnectionOwner &owner,
        const Among &among);
    Q_DISABLE_COPY_MOVE(HttpConnection)

    [[nodiscard]] quint64 id() const { return m_id; }
    [[nodiscard]] const ClientStream &stream() const { return *m_stream; }
    void setPeer(const ProxyHeaderReader::Client &client) { m_stream->setPeer(client.address, client.port); }
    [[nodiscard]] HttpPlace &place() { return m_place; }

    /// Whether the request that is to be answered has a body that has not been read.
    [[nodiscard]] bool hasUnreadBody() const { return m_reader != nullptr; }
    /// Reads the body of the request that is to be answered: bodyReceived() follows, within this call if it is there
    /// already. False if there is no room for it among all that is unfinished.
    [[nodiscard]] bool readBody();
    /// The answer is of use only to a peer that goes on speaking, and may take its time: the connection ends when the
    /// peer ends its side. False if it has done so.
    [[nodiscard]] bool endsWithPeer();
    /// Whether the server owes it something: an answer, or the time to say what it has begun to say, or came to say.
    [[nodiscard]] bool isUnanswered() const;
    /// Answers the current request. `isFinal`: close afterwards whatever the request said.
    void respond(const HttpResponse &response, bool isFinal = false);
    /// The connection's last bytes, whatever they are: written in one go, and then its end as after a final answer.
    void end(const QByteArray &lastBytes);
    /// Hands the connection over to another protocol, with the bytes that came behind the head. The HttpConnection is
    /// of no use afterwards and is to be destroyed by its owner.
    [[nodiscard]] std::unique_ptr<ClientStream> takeStream(QByteArray &early);
    /// Writes what can be written, and reads what has come, if it is the peer's turn: that may be all that is waited
    /// for. May destroy the connection.
    void hearOnce();
    /// It has lost its place, so it is to end: at once if it is the peer's turn, else with the answer. Stays if it has
    /// got on since. May destroy the connection.
    void giveWay();
    /// The server ends: nothing more can be asked. Ends the connection if it waits for another request, of which
    /// nothing has come. May destroy the connection.
    void endIfIdle();

    void streamReceived(QByteArrayView bytes) override;
    void streamLost() override;
    void streamEnding() override;
    void streamEnded() override;
    void streamDrained() override;
    void streamBlocked() override;

private:
    enum class State
    {
        ReadingHead,
        ReadingBody,
        Answering,
        Draining
    };
    void readHead();
    void holdInput();
    [[nodiscard]] qsizetype takeBody(QByteArrayView bytes);
    void takeProxyHeader(QByteArrayView &bytes);
    void passOver(QByteArrayView &bytes);
    void receiveBody(QByteArrayView &bytes);
    [[nodiscard]] bool takeRoom();
    void bodyComplete();
    void refuse(const MalformedRequest &request);
    void answerLast(const Problem &problem);
    void deadlineExpired();
    void nextRequest();
    void finish();

    quint64 m_id;
    std::unique_ptr<ClientStream> m_stream;
    TimingWheel &m_wheel;
    HttpConnectionOwner &m_owner;
    HttpPlace m_place;
    WheelTimer m_deadline;
    State m_state = State::ReadingHead;
    QByteArray m_input; ///< what has come and is not used yet, but for a body
    QByteArray m_body;
    std::unique_ptr<HttpBodyReader> m_reader; ///< while the body is to be read, or passed over once it is answered
    qsizetype m_roomBytes = 0;                ///< that are reserved for the body
    std::unique_ptr<ProxyHeaderReader> m_proxyHeader; ///< while it is expected
    bool m_isRefused = false;                         ///< as Begin::Refused has it
    bool m_expectsContinue = false;
    bool m_endsWithPeer = false;
    bool m_isHead = false; ///< HEAD: the answer's body is left out
    bool m_closesAfterAnswer = false;
    bool m_isAnswerQueued = false; ///< the next request waits until it is written
    bool m_isIdle = false;         ///< between two requests
};

} // namespace gatehouse
