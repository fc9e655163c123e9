// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArray>

#include "server/channel/framecodec.h"
#include "server/channel/utf8validator.h"
#include "shared/protocol/closecode.h"

namespace gatehouse {

/// A breach of the protocol or of a bound, and the close code for it.
struct FrameViolation
{
    CloseCode code = CloseCode::ProtocolError;
    const char *reason = ""; ///< short English text for the close frame and the log
};

/// What a FrameGuard finds in the stream. The calls come in the order of the stream.
class FrameHandler
{
public:
    virtual ~FrameHandler() = default;
    /// A data message begins. False: skip it, its payload is neither unmasked nor kept.
    [[nodiscard]] virtual bool messageBegins() = 0;
    /// A whole message, unmasked; a text is valid UTF-8.
    virtual void messageReceived(Opcode opcode, const QByteArray &payload) = 0;
    virtual void pingReceived(QByteArrayView payload) = 0;
    virtual void pongReceived() = 0;
    /// A valid close frame; nothing after it is looked at. The payload is empty, or code and reason.
    virtual void closeReceived(QByteArrayView payload) = 0;
};

/// Reads the frames of one client (RFC 6455 section 5) and lets nothing pass that QtWebSockets would let pass and should not: unmasked
/// frames, endless fragments, frames that are too big before they are buffered, text with bad UTF-8. Hands up whole messages. Pure: it
/// knows no sockets and no time; whoever feeds it watches isMidMessage() for the deadline of a half-sent message.
class FrameGuard final
{
public:
    static constexpr int kMaxFragments = 64; ///< of one message

    /// Takes bytes as they come. After a violation, or a close frame, everything further is ignored. `maxMessageBytes` is asked at each
    /// frame, so that a live change counts for the next one.
    [[nodiscard]] std::optional<FrameViolation> feed(QByteArrayView bytes, qint64 maxMessageBytes, FrameHandler &handler);

    /// Whether a frame or a fragmented message has begun and not ended.
    [[nodiscard]] bool isMidMessage() const { return m_headSize > 0 || m_isInPayload || m_isInMessage; }
    [[nodiscard]] bool isOver() const { return m_isOver; }
    /// Ignores everything further: the connection is being closed. May be called from a handler.
    void stop() { m_isOver = true; }

private:
    using MaybeViolation = std::optional<FrameViolation>;
    [[nodiscard]] qsizetype headLength() const;
    [[nodiscard]] MaybeViolation beginFrame(qint64 maxMessageBytes, FrameHandler &handler);
    [[nodiscard]] MaybeViolation checkHead(qint64 maxMessageBytes) const;
    [[nodiscard]] MaybeViolation takePayload(QByteArrayView &bytes, FrameHandler &handler);
    [[nodiscard]] MaybeViolation endFrame(FrameHandler &handler);
    [[nodiscard]] MaybeViolation endControl(FrameHandler &handler);
    [[nodiscard]] bool isControl() const { return quint8(m_opcode) >= quint8(Opcode::Close); }

    char m_head[14] {};
    quint8 m_headSize = 0; ///< bytes of the head read so far
    quint8 m_mask[4] {};
    Opcode m_opcode = Opcode::Text; ///< of the current frame
    Opcode m_messageOpcode = Opcode::Text; ///< of the current message
    bool m_isFinal = false;
    bool m_isInPayload = false;
    bool m_isInMessage = false; ///< a data message has begun and its last frame has not ended
    bool m_isSkipped = false; ///< the current message is dropped undecoded
    bool m_isOver = false;
    int m_fragments = 0;
    qint64 m_frameBytes = 0; ///< payload length of the current frame
    qint64 m_frameRead = 0;
    qint64 m_messageBytes = 0; ///< payload of the current message, by the frames' lengths
    QByteArray m_message;
    QByteArray m_control;
    Utf8Validator m_utf8;
};

} // namespace gatehouse
