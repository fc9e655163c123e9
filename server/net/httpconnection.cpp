// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpconnection.h"

#include <sys/epoll.h>

#include "server/net/httpproblems.h"
#include "server/net/httpresponsebytes.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

// What old clients send behind a body, and is neither of that nor of the next head: RFC 9112 section 2.2.
constexpr QByteArrayView kEmptyLine("\r\n");

} // namespace

HttpConnection::HttpConnection(quint64 id, std::unique_ptr<ClientStream> stream, TimingWheel &wheel,
    HttpConnectionOwner &owner, const Among &among)
    : m_id(id)
    , m_stream(std::move(stream))
    , m_wheel(wheel)
    , m_owner(owner)
    , m_place(among.places, owner, id, among.address)
    , m_deadline([this] { deadlineExpired(); })
    , m_proxyHeader(among.begin == Begin::ProxyHeader ? std::make_unique<ProxyHeaderReader>() : nullptr)
    , m_isRefused(among.begin == Begin::Refused)
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
    if (m_state == State::ReadingBody) {
        receiveBody(bytes);
        return;
    }
    if (m_proxyHeader || m_isRefused)
        takeProxyHeader(bytes);
    if (m_reader)
        passOver(bytes);
    if (bytes.isEmpty() || (m_isIdle && bytes == kEmptyLine))
        return;
    if (std::exchange(m_isIdle, false))
        m_wheel.start(m_deadline, kHeadDeadline); // on a kept connection the head begins only now
    m_input.append(bytes);
    readHead();
}

/// Of the connection's first bytes. Takes all of them if they are refused.
void HttpConnection::takeProxyHeader(QByteArrayView &bytes)
{
    using Read = ProxyHeaderReader::State;
    const auto refuseAll = [this, &bytes](const QString &why) {
        bytes = {};
        refuse({ MalformedKind::Proxy, badRequest(why) });
    };
    if (m_isRefused) {
        refuseAll(u"PROXY_PROTOCOL is true, and the peer is not in TRUSTED_PROXIES"_s);
        return;
    }
    bytes = bytes.sliced(m_proxyHeader->take(bytes));
    switch (m_proxyHeader->state()) {
    case Read::Incomplete:
        return;
    case Read::Missing:
        refuseAll(u"PROXY_PROTOCOL is true, and the connection does not begin with a PROXY header"_s);
        return;
    case Read::Malformed:
        refuseAll(u"the PROXY header is malformed: "_s + m_proxyHeader->problem());
        return;
    case Read::Complete:
        break;
    }
    const std::unique_ptr<ProxyHeaderReader> header = std::move(m_proxyHeader);
    if (header->client())
        m_owner.clientNamed(*this, *header->client());
}

/// Takes what is of the body: kept if it was asked for, else passed over. How many bytes that were.
qsizetype HttpConnection::takeBody(QByteArrayView bytes)
{
    const qsizetype taken = m_reader->take(bytes, m_state == State::ReadingBody ? &m_body : nullptr);
    if (m_reader->isComplete())
        m_reader.reset();
    return taken;
}

/// Of a body that nobody has asked for, behind its request's answer.
void HttpConnection::passOver(QByteArrayView &bytes)
{
    bytes = bytes.sliced(takeBody(bytes));
    if (!m_reader) {
        m_isIdle = true;
        m_wheel.start(m_deadline, kIdleDeadline);
    } else if (const std::optional<Problem> &problem = m_reader->problem()) {
        m_owner.requestRefused(*this, { MalformedKind::Body, *problem });
        m_state = State::Answering;
        end({}); // the request has its answer, and where the next one begins nobody knows
        bytes = {};
    }
}

void HttpConnection::receiveBody(QByteArrayView &bytes)
{
    m_input.append(bytes.sliced(takeBody(bytes)));
    if (!m_reader)
        bodyComplete();
    else if (const std::optional<Problem> &problem = m_reader->problem())
        refuse({ MalformedKind::Body, *problem });
    else if (!takeRoom())
        answerLast(noRoomForBody());
}

/// Has room for the body as far as it is known. False if there is none.
bool HttpConnection::takeRoom()
{
    if (m_body.size() <= m_roomBytes && m_roomBytes > 0)
        return true;
    const qsizetype needed = m_reader->roomBytes(m_body.size());
    if (!m_place.reserveBody(needed))
        return false;
    m_roomBytes = needed;
    m_body.reserve(needed);
    return true;
}

void HttpConnection::streamLost()
{
    finish();
}

void HttpConnection::streamEnding()
{
    if (m_endsWithPeer && m_state == State::Answering)
        finish();
}

void HttpConnection::streamEnded()
{
    const bool isCutOff
        = m_state == State::ReadingBody || (m_state == State::ReadingHead && !m_reader && !m_input.isEmpty());
    if (isCutOff)
        refuse({ MalformedKind::CutOff, badRequest(u"the request ended before it was complete"_s) });
    else if (m_state == State::ReadingHead)
        finish();
}

bool HttpConnection::endsWithPeer()
{
    m_endsWithPeer = true;
    return !m_stream->isPeerEnding();
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
    if (const MalformedRequest *refused = std::get_if<MalformedRequest>(&verdict)) {
        refuse(*refused);
        return;
    }
    ParsedHead &head = std::get<ParsedHead>(verdict);
    m_input.remove(0, head.headBytes);
    holdInput();
    head.request.clientPort = m_stream->peerPort();
    if (head.body.hasBody())
        m_reader = std::make_unique<HttpBodyReader>(head.body);
    m_expectsContinue = head.expectsContinue;
    m_isHead = head.request.method == "HEAD";
    m_closesAfterAnswer = m_closesAfterAnswer || !head.request.isKeepAlive;
    m_state = State::Answering;
    m_deadline.cancel();
    m_stream->setReading(false);
    m_owner.requestReceived(*this, std::move(head.request));
}

bool HttpConnection::readBody()
{
    const bool hasCome = !m_input.isEmpty();
    m_state = State::ReadingBody;
    m_input.remove(0, takeBody(m_input));
    holdInput();
    if (!m_reader) { // a body that is there already waits for nobody
        bodyComplete();
        return true;
    }
    if (const std::optional<Problem> &problem = m_reader->problem()) {
        refuse({ MalformedKind::Body, *problem });
        return true;
    }
    if (!takeRoom()) {
        m_state = State::Answering;
        m_body = {};
        return false;
    }
    if (m_expectsContinue && !hasCome)
        m_stream->send("HTTP/1.1 100 Continue\r\n\r\n");
    m_wheel.start(m_deadline, kBodyDeadline);
    m_stream->setReading(true);
    return true;
}

void HttpConnection::bodyComplete()
{
    m_state = State::Answering;
    m_deadline.cancel();
    m_stream->setReading(false);
    m_place.releaseBody();
    m_roomBytes = 0;
    holdInput();
    m_owner.bodyReceived(*this, std::exchange(m_body, {}));
}

void HttpConnection::respond(const HttpResponse &response, bool isFinal)
{
    if (m_state != State::Answering)
        return;
    if (m_reader)
        m_input.remove(0, takeBody(m_input));
    if (m_reader && m_reader->problem())
        m_owner.requestRefused(*this, { MalformedKind::Body, *m_reader->problem() });
    // What was refused is not worth reading on. Who asked whether to send a body may now send it or not.
    if (m_reader && (response.status >= 400 || m_expectsContinue || m_reader->problem()))
        isFinal = true;
    m_closesAfterAnswer = m_closesAfterAnswer || isFinal || m_owner.isEnding();
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

bool HttpConnection::isUnanswered() const
{
    return m_state == State::Draining ? m_stream->queuedBytes() > 0 : !m_isIdle;
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
    if (m_input == kEmptyLine)
        m_input = {};
    holdInput();
    m_isIdle = m_input.isEmpty() && !m_reader;
    if (m_reader)
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

void HttpConnection::endIfIdle()
{
    if (m_isIdle)
        finish();
}

void HttpConnection::refuse(const MalformedRequest &request)
{
    m_owner.requestRefused(*this, request);
    answerLast(request.problem);
}

void HttpConnection::answerLast(const Problem &problem)
{
    m_isHead = m_isHead && m_state != State::ReadingHead; // of the request before
    m_state = State::Answering;
    const HttpResponse answer = HttpResponse::problem(problem); // before the reader goes, whose problem it may be
    m_input = {};
    m_body = {};
    m_reader.reset();
    m_place.releaseBody();
    respond(answer, true);
}

void HttpConnection::deadlineExpired()
{
    const bool isWaitingForPeer
        = m_state == State::ReadingBody || (m_state == State::ReadingHead && !m_input.isEmpty() && !m_isAnswerQueued);
    if (isWaitingForPeer) {
        refuse({ MalformedKind::Timeout,
            { 408, u"request_timeout"_s, u"Request timeout"_s, u"the request did not arrive in time"_s } });
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
