// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/net/httpbounds.h"
#include "server/net/httpmessage.h"

namespace gatehouse {

/// How the head of a request says where its body ends: RFC 9112 section 6.
struct BodyFraming
{
    qsizetype lengthBytes = 0; ///< Content-Length; 0 if there is none
    bool isChunked = false;    ///< Transfer-Encoding: chunked; then there is no length

    [[nodiscard]] bool hasBody() const { return isChunked || lengthBytes > 0; }
};

/// Reads that from the fields of a request. As strict as RFC 9112 section 6.3 allows: nothing is left to guess for two
/// readers. 400, 413, or 501 for a coding that is not chunked. Pure.
[[nodiscard]] std::optional<Problem> readFraming(const HttpRequest &request, BodyFraming &framing);

/// Finds the end of a request's body while its bytes arrive, and takes chunks apart (RFC 9112 section 7.1): sizes,
/// their extensions and the trailer are bounded and left out. As strict as the head: lines end in CR LF, and what two
/// readers might understand differently is refused. Pure; the bounds are those of httpbounds.h. One for each body.
class HttpBodyReader final
{
public:
    HttpBodyReader() = default; ///< of a request without a body
    explicit HttpBodyReader(const BodyFraming &framing);

    /// Takes what is of the body, which may end within `bytes`; what it holds goes behind `body`, unless that is null.
    /// Returns how many bytes were taken. Nothing is taken any more once it is complete or there is a problem.
    qsizetype take(QByteArrayView bytes, QByteArray *body);
    [[nodiscard]] bool isComplete() const { return m_state == State::Complete; }
    /// Why the body cannot be read to its end (400, 413). Where the next request begins is not known then.
    [[nodiscard]] const std::optional<Problem> &problem() const { return m_problem; }
    /// What a body needs that holds so many bytes already and is not complete: all of it where the length is known,
    /// else room to go on.
    [[nodiscard]] qsizetype roomBytes(qsizetype heldBytes) const;

private:
    enum class State : quint8
    {
        Length,    ///< so many bytes, and no more
        Size,      ///< digits of a chunk's size
        Extension, ///< behind them, to the line's end
        SizeEnd,   ///< the LF of that line
        Data,      ///< of a chunk
        DataCr,
        DataLf,
        TrailerBegin, ///< of a line: a field, or the empty line that ends the body
        TrailerName,
        TrailerValue,
        TrailerLf,
        LastLf,
        Complete,
    };
    void takeByte(char c);
    void takeSize(char c);
    void takeTrailer(char c);
    void sizeEnded();
    void expect(char c, char wanted, State next);
    void countExtra();
    void fail(const QString &detail);

    State m_state = State::Complete;
    quint8 m_digits = 0;          ///< of the chunk's size
    bool m_hasSpace = false;      ///< between size and extension
    qsizetype m_leftBytes = 0;    ///< of the body, or of the chunk
    qsizetype m_contentBytes = 0; ///< of all chunks so far, the one that has begun included
    qsizetype m_extraBytes = 0;   ///< of extensions and trailer
    std::optional<Problem> m_problem;
};

} // namespace gatehouse
