// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpconnection.h"

#include <sys/epoll.h>

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

HttpConnection::HttpConnection(quint64 id, std::unique_ptr<ClientStream> stream, TimingWheel &wheel,
    HttpConnectionOwner &owner, const Among &among)
    : m_id(id)
    , m_stream(std::move(stream))
    , m_wheel(wheel)
    , m_owner(owner)
    , m_place(among.places, owner, id, among.address)
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
    if (m_unreadBytes > 0)
        bytes = bytes.sliced(takeBody(bytes));
    const bool isBody = m_state == State::ReadingBody;
    if (!bytes.isEmpty()) {
        if (std::exchange(m_isIdle, false))
            m_wheel.start(m_deadline, kHeadDeadline); // on a kept connection the head begins only now
        m_input.append(bytes);
    }
    if (isBody && m_unreadBytes == 0)
        bodyComplete();
    else if (!isBody && !bytes.isEmpty())
        readHead();
}

/// Takes what is of the body: kept if it was asked for, else passed over. How many bytes that were.
qsizetype HttpConnection::takeBody(QByteArrayView bytes)
{
    const qsizetype size = std::min(bytes.size(), m_unreadBytes);
    m_unreadBytes -= size;
    if (m_state == State::ReadingBody) {
        m_body.append(bytes.first(size));
    } else if (m_state == State::ReadingHead && m_unreadBytes == 0) {
        m_isIdle = true;
        m_wheel.start(m_deadline, kIdleDeadline);
    }
    return size;
}

void HttpConnection::streamLost()
{
    finish();
}

void HttpConnection::streamDrained()
{
    holdInput();
    if (m_state == State::ReadingHead && std::exchange(m_isAnswerQueued, false))
        nextRequest();
}

void HttpConnection::streamBlocked()
{
    m_place.waitsForReader();
    m_place.hold(m_input.capacity() + m_stream->queuedBytes());
}

void HttpConnection::holdInput()
{
    if (m_input.isEmpty())
        m_input = {}; // an idle connection keeps no room
    m_place.hold(m_input.capacity());
}

void HttpConnection::readHead()
{
    HeadVerdict verdict = parseHttpHead(m_input);
    if (std::holds_alternative<HeadIncomplete>(verdict)) {
        holdInput();
        return;
    }
    if (const Problem *problem = std::get_if<Problem>(&verdict)) {
        refuse(*problem);
        return;
    }
    ParsedHead &head = std::get<ParsedHead>(verdict);
    m_input.remove(0, head.headBytes);
    holdInput();
    head.request.clientPort = m_stream->peerPort();
    m_unreadBytes = head.bodyBytes;
    m_expectsContinue = m_unreadBytes > 0 && head.request.header("expect").toLower() == "100-continue";
    m_isHead = head.request.method == "HEAD";
    m_closesAfterAnswer = m_closesAfterAnswer || !head.request.isKeepAlive;
    m_state = State::Answering;
    m_deadline.cancel();
    m_stream->setReading(false);
    m_owner.requestReceived(*this, std::move(head.request));
}

bool HttpConnection::readBody()
{
    if (m_input.size() < m_unreadBytes) { // a body that is there already waits for nobody
        if (!m_place.reserveBody(m_unreadBytes))
            return false;
        m_body.reserve(m_unreadBytes);
        if (m_expectsContinue && m_input.isEmpty())
            m_stream->send("HTTP/1.1 100 Continue\r\n\r\n");
        m_wheel.start(m_deadline, kBodyDeadline);
        m_stream->setReading(true);
    }
    m_state = State::ReadingBody;
    m_input.remove(0, takeBody(m_input));
    holdInput();
    if (m_unreadBytes == 0)
        bodyComplete();
    return true;
}

void HttpConnection::bodyComplete()
{
    m_state = State::Answering;
    m_deadline.cancel();
    m_stream->setReading(false);
    m_place.releaseBody();
    m_owner.bodyReceived(*this, std::exchange(m_body, {}));
}

void HttpConnection::respond(const HttpResponse &response, bool isFinal)
{
    if (m_state != State::Answering)
        return;
    if (m_unreadBytes > 0) {
        m_input.remove(0, takeBody(m_input));
        // What was refused is not worth reading on. Who asked whether to send a body may now send it or not.
        isFinal = isFinal || (m_unreadBytes > 0 && (response.status >= 400 || m_expectsContinue));
    }
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
    m_stream->setReading(true); // also past a body: bytes that nobody has read would have the kernel reset the answer
    m_state = State::Draining;
    m_input = {};
    m_stream->shutdownAfterDrain(); // and wait for the peer's end, or the deadline
}

void HttpConnection::nextRequest()
{
    m_place.waitsForRequest();
    m_stream->setReading(true);
    m_isIdle = m_input.isEmpty() && m_unreadBytes == 0;
    if (m_unreadBytes > 0)
        m_wheel.start(m_deadline, kBodyDeadline);
    else
        m_wheel.start(m_deadline, m_isIdle ? kIdleDeadline : kHeadDeadline);
    if (!m_input.isEmpty())
        readHead(); // it was pipelined
}

void HttpConnection::hearOnce()
{
    m_stream->writeNow(); // an answer of this turn
    if (m_state != State::Answering)
        m_stream->ready(EPOLLIN);
}

void HttpConnection::giveWay()
{
    if (!m_place.isLost()) // it has said or taken something meanwhile
        return;
    if (m_state == State::Answering) {
        m_closesAfterAnswer = true;
        m_place.goesLater();
    } else {
        finish();
    }
}

void HttpConnection::refuse(const Problem &problem)
{
    m_state = State::Answering;
    m_input = {};
    m_body = {};
    m_unreadBytes = 0;
    m_place.releaseBody();
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
