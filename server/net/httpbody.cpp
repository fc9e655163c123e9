// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpbody.h"

#include <algorithm>

#include "server/net/hexdigit.h"
#include "server/net/httpproblems.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxSizeDigits = 16;
constexpr qsizetype kFirstRoomBytes = 16 * 1024; // for chunks: most bodies are small

/// What no line may hold besides its end: RFC 9110 section 5.5.
bool isControl(char c)
{
    return (uchar(c) < 0x20 && c != '\t') || c == 0x7f;
}

/// Only chunked is known, and only alone: RFC 9112 sections 6.1 and 6.3.
std::optional<Problem> readCoding(const HttpRequest &request)
{
    if (request.hasHeader("content-length"))
        return badRequest(u"the head has both Content-Length and Transfer-Encoding"_s);
    if (request.isHttp10)
        return badRequest(u"HTTP/1.0 has no Transfer-Encoding"_s);
    const QByteArray coding = request.header("transfer-encoding").toLower();
    if (coding == "chunked")
        return std::nullopt;
    if (coding.isEmpty())
        return badRequest(u"Transfer-Encoding is empty"_s);
    return Problem{ 501, u"coding_not_supported"_s, u"Transfer coding not supported"_s,
        u"Transfer-Encoding must be chunked alone"_s };
}

} // namespace

std::optional<Problem> readFraming(const HttpRequest &request, BodyFraming &framing)
{
    if (request.hasHeader("transfer-encoding")) {
        framing.isChunked = true;
        return readCoding(request);
    }
    const QByteArray length = request.header("content-length");
    if (length.isEmpty())
        return request.hasHeader("content-length") ? std::optional(badRequest(u"Content-Length is empty"_s))
                                                   : std::nullopt;
    if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return badRequest(u"Content-Length is not a number"_s);
    bool isNumber = false;
    framing.lengthBytes = length.toLongLong(&isNumber);
    return isNumber && framing.lengthBytes <= kMaxBodyBytes ? std::nullopt : std::optional(bodyTooLarge());
}

HttpBodyReader::HttpBodyReader(const BodyFraming &framing)
    : m_leftBytes(framing.lengthBytes)
{
    if (framing.hasBody())
        m_state = framing.isChunked ? State::Size : State::Length;
}

qsizetype HttpBodyReader::take(QByteArrayView bytes, QByteArray *body)
{
    qsizetype taken = 0;
    while (taken < bytes.size() && m_state != State::Complete && !m_problem) {
        if (m_state != State::Length && m_state != State::Data) {
            takeByte(bytes[taken++]);
            continue;
        }
        const QByteArrayView part = bytes.sliced(taken, std::min(bytes.size() - taken, m_leftBytes));
        if (body)
            body->append(part);
        taken += part.size();
        m_leftBytes -= part.size();
        if (m_leftBytes == 0)
            m_state = m_state == State::Length ? State::Complete : State::DataCr;
    }
    return taken;
}

qsizetype HttpBodyReader::roomBytes(qsizetype heldBytes) const
{
    if (m_state == State::Length)
        return heldBytes + m_leftBytes;
    const qsizetype needed = std::max(heldBytes + (m_state == State::Data ? m_leftBytes : 0), kFirstRoomBytes);
    // Twice as much each time, so that a body of many chunks is moved a few times and not for each of them.
    return std::min(needed <= kFirstRoomBytes ? needed : 2 * needed, kMaxBodyBytes);
}

void HttpBodyReader::takeByte(char c)
{
    switch (m_state) {
    case State::Size:
    case State::Extension:
        takeSize(c);
        return;
    case State::SizeEnd:
        if (c == '\n')
            sizeEnded();
        else
            fail(u"the line of a chunk's size does not end in CR LF"_s);
        return;
    case State::DataCr:
        expect(c, '\r', State::DataLf);
        return;
    case State::DataLf:
        m_digits = 0;
        m_hasSpace = false;
        expect(c, '\n', State::Size);
        return;
    default:
        takeTrailer(c);
    }
}

void HttpBodyReader::takeSize(char c)
{
    if (c == '\r' && m_digits > 0 && (m_state == State::Extension || !m_hasSpace)) {
        m_state = State::SizeEnd;
        return;
    }
    if (m_state == State::Extension) {
        countExtra();
        if (isControl(c))
            fail(u"a chunk's extension contains a control character"_s);
        return;
    }
    const int value = m_hasSpace ? -1 : hexDigit(c);
    if (value >= 0 && m_digits < kMaxSizeDigits) {
        ++m_digits;
        m_leftBytes = std::min((m_leftBytes << 4) + value, kMaxBodyBytes + 1); // more makes no difference
    } else if (c == ';' && m_digits > 0) {
        m_state = State::Extension;
        countExtra();
    } else if ((c == ' ' || c == '\t') && m_digits > 0) { // RFC 9112 section 7.1.1: before an extension, and only there
        m_hasSpace = true;
        countExtra();
    } else {
        fail(u"a chunk's size is not a hexadecimal number"_s);
    }
}

void HttpBodyReader::sizeEnded()
{
    m_contentBytes += m_leftBytes;
    if (m_contentBytes > kMaxBodyBytes)
        m_problem = bodyTooLarge();
    else
        m_state = m_leftBytes > 0 ? State::Data : State::TrailerBegin;
}

void HttpBodyReader::takeTrailer(char c)
{
    if (m_state == State::TrailerLf) {
        expect(c, '\n', State::TrailerBegin);
        return;
    }
    if (m_state == State::LastLf) {
        expect(c, '\n', State::Complete);
        return;
    }
    countExtra();
    if (m_state == State::TrailerValue) {
        if (c == '\r')
            m_state = State::TrailerLf;
        else if (isControl(c))
            fail(u"the trailer contains a control character"_s);
        return;
    }
    if (m_state == State::TrailerBegin && c == '\r') {
        m_state = State::LastLf;
    } else if (c == ':' && m_state == State::TrailerName) {
        m_state = State::TrailerValue;
    } else if (c == ':' || c == ' ' || isControl(c) || c == '\t') {
        fail(u"a line of the trailer is not a field"_s);
    } else {
        m_state = State::TrailerName;
    }
}

void HttpBodyReader::expect(char c, char wanted, State next)
{
    if (c == wanted)
        m_state = next;
    else
        fail(u"a line of a chunked body does not end in CR LF, or a chunk is longer than its size"_s);
}

void HttpBodyReader::countExtra()
{
    if (++m_extraBytes > kMaxChunkExtraBytes)
        fail(u"the extensions and the trailer of the body have more than %1 bytes"_s.arg(kMaxChunkExtraBytes));
}

void HttpBodyReader::fail(const QString &detail)
{
    m_problem = badRequest(detail);
}

} // namespace gatehouse
