// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>
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

/// What a FrameGuard finds in the stream. The calls come in the order of the stream; views are valid during the call
/// only.
class FrameHandler
{
public:
    virtual ~FrameHandler() = default;
    /// A data message begins. False: skip it, its payload is neither unmasked nor kept.
    [[nodiscard]] virtual bool messageBegins() = 0;
    /// A whole message, unmasked; a text is valid UTF-8.
    virtual void messageReceived(Opcode opcode, QByteArrayView payload) = 0;
    /// To be answered with a pong. Not every ping is told, see FrameGuard::kMaxPingsPerFeed.
    virtual void pingReceived(QByteArrayView payload) = 0;
    virtual void pongReceived(QByteArrayView payload) = 0;
    /// A valid close frame; nothing after it is looked at. The payload is empty, or code and reason.
    virtual void closeReceived(QByteArrayView payload) = 0;
};

/// Reads the frames of one client (RFC 6455 section 5) and lets nothing pass that QtWebSockets would let pass and
/// should not: unmasked frames, endless fragments, frames that are too big before they are buffered, text with bad
/// UTF-8. Hands up whole messages. Pure: it knows no sockets and no time; whoever feeds it watches isMidMessage() for
/// the deadline of a half-sent message.
///
/// Every connection holds one, so it is 32 bytes between messages; what has arrived of an unfinished message is
/// allocated when it comes and freed when it ends. A message in one piece, and a skipped one in any form, is read
/// without an allocation where it fits the stack.
class FrameGuard final
{
public:
    static constexpr int kMaxFragments = 64; ///< of one message
    /// Of the pings in one feed() so many are told, then only the last: RFC 6455 section 5.5.3 allows to answer just
    /// the most recent one, and 64 KiB may hold 10,000 of them, each of which would be a system call.
    static constexpr int kMaxPingsPerFeed = 64;

    /// Takes bytes as they come. After a violation, or a close frame, everything further is ignored. `maxMessageBytes`
    /// (at most 4 GiB) is asked at each frame, so that a live change counts for the next one.
    [[nodiscard]] std::optional<FrameViolation> feed(
        QByteArrayView bytes, qint64 maxMessageBytes, FrameHandler &handler);

    /// Whether a frame or a fragmented message has begun and not ended.
    [[nodiscard]] bool isMidMessage() const { return m_headSize > 0 || m_isInPayload || m_fragments > 0; }
    /// Whether a message, or a control frame outside of messages, ended in the last feed().
    [[nodiscard]] bool hasEndedMessage() const { return m_hasEndedMessage; }
    [[nodiscard]] bool isOver() const { return m_isOver; }
    /// Ignores everything further: the connection is being closed. May be called from a handler.
    void stop();

private:
    /// What has arrived of an unfinished message or control frame.
    struct Partial
    {
        QByteArray message;
        Utf8Validator utf8; ///< of the message so far
        quint8 controlSize = 0;
        std::array<char, kMaxControlBytes> control;
    };
    struct Turn;
    using Verdict = const FrameViolation *; ///< null: nothing is wrong

    [[nodiscard]] Verdict takeShortMessage(qsizetype size, Turn &turn);
    [[nodiscard]] Verdict gatherHead(Turn &turn);
    [[nodiscard]] Verdict judgeStart(quint8 first, quint8 second) const;
    [[nodiscard]] Verdict beginFrame(const uchar *head, Turn &turn);
    [[nodiscard]] Verdict beginData(quint8 first, quint64 size, Turn &turn);
    [[nodiscard]] Verdict takeWholeFrame(quint8 first, const uchar *key, qsizetype size, Turn &turn);
    [[nodiscard]] Verdict takePiece(Turn &turn);
    [[nodiscard]] Verdict append(QByteArrayView masked, const uchar *key);
    [[nodiscard]] Verdict endMessage(Turn &turn);
    [[nodiscard]] Verdict deliverWhole(bool isText, QByteArrayView masked, const uchar *key, Turn &turn);
    [[nodiscard]] Verdict endControl(quint8 first, QByteArrayView payload, Turn &turn);
    [[nodiscard]] Partial &partial();

    std::unique_ptr<Partial> m_partial; ///< only within a message that needs it
    quint32 m_messageBytes = 0;         ///< payload of the current message, by its frames' lengths
    quint32 m_frameLeft = 0;            ///< payload bytes of the current frame that are still to come
    /// A head that has not arrived whole; within a payload, the frame's first byte and its key, turned to the next
    /// byte.
    std::array<uchar, kMaxFrameHeadBytes> m_head{};
    quint16 m_headSize : 4 = 0;  ///< bytes of the head gathered so far
    quint16 m_fragments : 7 = 0; ///< frames of the current message; 0 outside of messages
    bool m_isInPayload : 1 = false;
    bool m_isText : 1 = false;    ///< the current message
    bool m_isSkipped : 1 = false; ///< the current message is dropped undecoded
    bool m_isOver : 1 = false;
    bool m_hasEndedMessage : 1 = false; ///< in the last feed()
};

static_assert(sizeof(FrameGuard) <= 32);

} // namespace gatehouse
