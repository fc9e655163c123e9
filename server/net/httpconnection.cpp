// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpconnection.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

QByteArray encodeResponse(const HttpResponse &response, bool isHead, bool keepsAlive)
{
    QByteArray bytes = "HTTP/1.1 " + QByteArray::number(response.status) + ' ' + reasonPhrase(response.status) + "\r\n";
    if (!response.contentType.isEmpty())
        bytes += "Content-Type: " + response.contentType + "\r\n";
    if (response.status != 204)
        bytes += "Content-Length: " + QByteArray::number(response.body.size()) + "\r\n";
    // Answers are for one caller and one moment, and some are read in a browser.
    bytes += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    for (const auto &[name, value] : response.headers)
        bytes += name + ": " + value + "\r\n";
    if (!keepsAlive)
        bytes += "Connection: close\r\n";
    bytes += "\r\n";
    if (!isHead)
        bytes += response.body;
    return bytes;
}

HttpConnection::HttpConnection(
    quint64 id, std::unique_ptr<ClientStream> stream, TimingWheel &wheel, HttpConnectionOwner &owner)
    : m_id(id)
    , m_stream(std::move(stream))
    , m_wheel(wheel)
    , m_owner(owner)
    , m_deadline([this] { deadlineExpired(); })
{
    m_stream->setObserver(this);
    m_wheel.start(m_deadline, kHeadDeadline);
}

std::unique_ptr<ClientStream> HttpConnection::takeStream(QByteArray &early)
{
    m_deadline.cancel();
    early = std::exchange(m_input, {});
    m_stream->setReading(true);
    return std::move(m_stream);
}

void HttpConnection::streamReceived(QByteArrayView bytes)
{
    if (m_state == State::Draining)
        return; // answered for the last time: what still comes is of no interest
    if (std::exchange(m_isIdle, false))
        m_wheel.start(m_deadline, kHeadDeadline); // on a kept connection the head begins only now
    m_input.append(bytes);
    if (m_state == State::ReadingHead)
        readHead();
    else if (m_state == State::ReadingBody)
        readBody();
}

void HttpConnection::streamLost()
{
    finish();
}

void HttpConnection::streamDrained()
{
    if (m_state == State::ReadingHead && std::exchange(m_isAnswerQueued, false))
        nextRequest();
}

void HttpConnection::readHead()
{
    HeadVerdict verdict = parseHttpHead(m_input);
    if (std::holds_alternative<HeadIncomplete>(verdict))
        return;
    if (const Problem *problem = std::get_if<Problem>(&verdict)) {
        refuse(*problem);
        return;
    }
    ParsedHead &head = std::get<ParsedHead>(verdict);
    m_input.remove(0, head.headBytes);
    m_request = std::move(head.request);
    m_request.clientPort = m_stream->peerPort();
    m_bodyBytes = head.bodyBytes;
    m_isHead = m_request.method == "HEAD";
    m_closesAfterAnswer = !m_request.isKeepAlive;
    if (m_bodyBytes > 0 && m_request.header("expect").toLower() == "100-continue" && m_input.isEmpty())
        m_stream->send("HTTP/1.1 100 Continue\r\n\r\n");
    m_state = State::ReadingBody;
    if (m_input.size() < m_bodyBytes)
        m_wheel.start(m_deadline, kBodyDeadline);
    readBody();
}

void HttpConnection::readBody()
{
    if (m_input.size() < m_bodyBytes)
        return;
    m_request.body = m_input.first(m_bodyBytes);
    m_input.remove(0, m_bodyBytes);
    deliver();
}

void HttpConnection::deliver()
{
    m_state = State::Answering;
    m_deadline.cancel();
    m_stream->setReading(false);
    m_owner.requestReceived(*this, std::exchange(m_request, {}));
}

void HttpConnection::respond(const HttpResponse &response, bool isFinal)
{
    if (m_state != State::Answering)
        return;
    m_closesAfterAnswer = m_closesAfterAnswer || isFinal;
    const QByteArray answer = encodeResponse(response, m_isHead, !m_closesAfterAnswer);
    if (m_closesAfterAnswer) {
        end(answer);
        return;
    }
    m_stream->send(answer);
    m_wheel.start(m_deadline, kAnswerDeadline);
    m_state = State::ReadingHead;
    m_isAnswerQueued = true;
}

void HttpConnection::end(const QByteArray &lastBytes)
{
    if (m_state != State::Answering)
        return;
    m_stream->send(lastBytes);
    m_wheel.start(m_deadline, kAnswerDeadline);
    m_stream->setReading(true);
    m_state = State::Draining;
    m_stream->shutdownAfterDrain(); // and wait for the peer's end, or the deadline
}

void HttpConnection::nextRequest()
{
    m_stream->setReading(true);
    m_isIdle = m_input.isEmpty();
    m_wheel.start(m_deadline, m_isIdle ? kIdleDeadline : kHeadDeadline);
    if (!m_isIdle)
        readHead(); // it was pipelined
}

void HttpConnection::refuse(const Problem &problem)
{
    m_state = State::Answering;
    m_input.clear();
    respond(HttpResponse::problem(problem), true);
}

void HttpConnection::deadlineExpired()
{
    const bool isWaitingForPeer
        = m_state == State::ReadingBody || (m_state == State::ReadingHead && !m_input.isEmpty() && !m_isAnswerQueued);
    if (isWaitingForPeer) {
        refuse({ 408, u"request_timeout"_s, u"Request timeout"_s, u"the request did not arrive in time"_s });
        m_wheel.start(m_deadline, std::chrono::seconds(1)); // no second long wait for a slow peer
    } else {
        finish();
    }
}

void HttpConnection::finish()
{
    m_deadline.cancel();
    m_owner.connectionEnded(*this);
}

} // namespace gatehouse
