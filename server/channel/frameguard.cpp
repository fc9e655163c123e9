// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/frameguard.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <QtCore/QtEndian>

namespace gatehouse {

namespace {

constexpr quint8 kFinalBit = 0x80;
constexpr quint8 kReservedBits = 0x70;
constexpr quint8 kOpcodeBits = 0x0F;
constexpr quint8 kMaskBit = 0x80;
constexpr quint8 kLengthBits = 0x7F;
constexpr qsizetype kKeyBytes = 4;
constexpr qsizetype kOnStackBytes = 4096; // messages are small: those up to here are unmasked without an allocation

constexpr FrameViolation kReservedBitsSet{ CloseCode::ProtocolError, "reserved bits are set" };
constexpr FrameViolation kReservedOpcode{ CloseCode::ProtocolError, "reserved opcode" };
constexpr FrameViolation kNotMasked{ CloseCode::ProtocolError, "frame is not masked" };
constexpr FrameViolation kFragmentedControl{ CloseCode::ProtocolError, "control frame is fragmented" };
constexpr FrameViolation kLongControl{ CloseCode::ProtocolError, "control frame is too long" };
constexpr FrameViolation kNotShortest{ CloseCode::ProtocolError, "length is not in its shortest form" };
constexpr FrameViolation kNoMessage{ CloseCode::ProtocolError, "continuation without a message" };
constexpr FrameViolation kNestedMessage{ CloseCode::ProtocolError, "new message within a message" };
constexpr FrameViolation kManyFragments{ CloseCode::PolicyViolation, "too many fragments" };
constexpr FrameViolation kTooBig{ CloseCode::MessageTooBig, "message is too big" };
constexpr FrameViolation kBadText{ CloseCode::InvalidPayload, "text is not UTF-8" };
constexpr FrameViolation kCutCloseCode{ CloseCode::ProtocolError, "close code is cut off" };
constexpr FrameViolation kBadCloseCode{ CloseCode::ProtocolError, "close code is not allowed" };
constexpr FrameViolation kBadCloseReason{ CloseCode::InvalidPayload, "close reason is not UTF-8" };

bool isKnown(quint8 opcode)
{
    return opcode <= quint8(Opcode::Binary) || (opcode >= quint8(Opcode::Close) && opcode <= quint8(Opcode::Pong));
}

bool isControl(quint8 first)
{
    return (first & kOpcodeBits) >= quint8(Opcode::Close);
}

qsizetype headLength(quint8 second)
{
    const quint8 length = second & kLengthBits;
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + kKeyBytes;
}

/// Eight bytes at a time. Whether all of them are ASCII: most texts are, and then need no second look.
bool unmask(QByteArrayView from, char *to, const uchar *key)
{
    constexpr quint64 kHighBits = 0x8080808080808080U;
    quint32 narrow;
    std::memcpy(&narrow, key, sizeof narrow);
    const quint64 wide = quint64(narrow) << 32 | narrow;
    const char *source = from.data();
    qsizetype left = from.size();
    quint64 seen = 0;
    for (; left >= 8; left -= 8, source += 8, to += 8) {
        quint64 bytes;
        std::memcpy(&bytes, source, sizeof bytes);
        bytes ^= wide;
        seen |= bytes;
        std::memcpy(to, &bytes, sizeof bytes);
    }
    if (left >= 4) {
        quint32 bytes;
        std::memcpy(&bytes, source, sizeof bytes);
        bytes ^= narrow;
        seen |= bytes;
        std::memcpy(to, &bytes, sizeof bytes);
        left -= 4, source += 4, to += 4;
    }
    for (qsizetype i = 0; i < left; ++i) {
        to[i] = char(uchar(source[i]) ^ key[i]);
        seen |= uchar(to[i]);
    }
    return (seen & kHighBits) == 0;
}

/// The length of a short message in one frame that lies whole in front of us, with its head; 0 for everything else.
qsizetype shortMessage(QByteArrayView bytes)
{
    constexpr qsizetype kHead = 2 + kKeyBytes;
    if (bytes.size() < kHead)
        return 0;
    const quint8 first = quint8(bytes[0]);
    const qsizetype size = quint8(bytes[1]) - kMaskBit; // negative without a mask
    const bool isWhole = first == (kFinalBit | quint8(Opcode::Text)) || first == (kFinalBit | quint8(Opcode::Binary));
    return isWhole && size >= 0 && size < 126 && bytes.size() >= kHead + size ? kHead + size : 0;
}

} // namespace

/// One call of feed().
struct FrameGuard::Turn
{
    Turn(QByteArrayView all, qint64 maxBytes, FrameHandler &frameHandler)
        : bytes(all)
        , maxMessageBytes(maxBytes)
        , handler(frameHandler)
    {
    }
    QByteArrayView bytes; ///< not read yet
    qint64 maxMessageBytes;
    FrameHandler &handler;
    int pings = 0;
    qsizetype lastPingSize = -1;                 ///< of a ping that was not told; negative if there is none
    std::array<char, kMaxControlBytes> lastPing; // not zeroed: it is rarely used
};

std::optional<FrameViolation> FrameGuard::feed(QByteArrayView bytes, qint64 maxMessageBytes, FrameHandler &handler)
{
    Turn turn(bytes, maxMessageBytes, handler);
    m_hasEndedMessage = false;
    while (!m_isOver && !turn.bytes.isEmpty()) {
        Verdict verdict = nullptr;
        const uchar *head = reinterpret_cast<const uchar *>(turn.bytes.data());
        if (const qsizetype size = isMidMessage() ? 0 : shortMessage(turn.bytes)) {
            verdict = takeShortMessage(size, turn); // what clients send: as short a way as can be
        } else if (m_isInPayload) {
            verdict = takePiece(turn);
        } else if (m_headSize == 0 && turn.bytes.size() >= 2 && turn.bytes.size() >= headLength(head[1])) {
            // Mostly the head is whole, and is read where it lies.
            verdict = judgeStart(head[0], head[1]);
            if (!verdict) {
                turn.bytes = turn.bytes.sliced(headLength(head[1]));
                verdict = beginFrame(head, turn);
            }
        } else {
            verdict = gatherHead(turn);
        }
        if (verdict) {
            stop();
            return *verdict;
        }
    }
    if (turn.lastPingSize >= 0 && !m_isOver)
        handler.pingReceived(QByteArrayView(turn.lastPing.data(), turn.lastPingSize));
    return std::nullopt;
}

void FrameGuard::stop()
{
    m_isOver = true;
    m_partial.reset();
}

FrameGuard::Partial &FrameGuard::partial()
{
    if (!m_partial)
        m_partial = std::make_unique<Partial>();
    return *m_partial;
}

FrameGuard::Verdict FrameGuard::takeShortMessage(qsizetype size, Turn &turn)
{
    constexpr qsizetype kHead = 2 + kKeyBytes;
    const QByteArrayView frame = turn.bytes.first(size);
    turn.bytes = turn.bytes.sliced(size);
    m_hasEndedMessage = true;
    if (size - kHead > turn.maxMessageBytes)
        return &kTooBig;
    if (!turn.handler.messageBegins() || m_isOver)
        return nullptr;
    const bool isText = (quint8(frame[0]) & kOpcodeBits) == quint8(Opcode::Text);
    return deliverWhole(isText, frame.sliced(kHead), reinterpret_cast<const uchar *>(frame.data()) + 2, turn);
}

FrameGuard::Verdict FrameGuard::gatherHead(Turn &turn)
{
    const qsizetype wanted = m_headSize < 2 ? 2 : headLength(m_head[1]);
    const qsizetype take = std::min<qsizetype>(turn.bytes.size(), wanted - m_headSize);
    std::memcpy(m_head.data() + m_headSize, turn.bytes.data(), size_t(take));
    m_headSize = quint16(m_headSize + take) & 0xF;
    turn.bytes = turn.bytes.sliced(take);
    if (m_headSize == 2)
        return judgeStart(m_head[0], m_head[1]); // before the rest of the head is waited for
    if (m_headSize < wanted)
        return nullptr;
    m_headSize = 0;
    const std::array<uchar, kMaxFrameHeadBytes> head = m_head;
    return beginFrame(head.data(), turn);
}

FrameGuard::Verdict FrameGuard::judgeStart(quint8 first, quint8 second) const
{
    if (first & kReservedBits)
        return &kReservedBitsSet;
    if (!isKnown(first & kOpcodeBits))
        return &kReservedOpcode;
    if (!(second & kMaskBit))
        return &kNotMasked;
    if (isControl(first)) {
        if (!(first & kFinalBit))
            return &kFragmentedControl;
        return (second & kLengthBits) > kMaxControlBytes ? &kLongControl : nullptr;
    }
    const bool isContinuation = (first & kOpcodeBits) == quint8(Opcode::Continuation);
    if (isContinuation != (m_fragments > 0))
        return isContinuation ? &kNoMessage : &kNestedMessage;
    return m_fragments >= kMaxFragments ? &kManyFragments : nullptr;
}

FrameGuard::Verdict FrameGuard::beginFrame(const uchar *head, Turn &turn)
{
    const uchar *key = head + 2;
    quint64 size = head[1] & kLengthBits;
    if (size == 126) {
        size = qFromBigEndian<quint16>(key);
        key += 2;
        if (size < 126)
            return &kNotShortest;
    } else if (size == 127) {
        size = qFromBigEndian<quint64>(key);
        key += 8;
        if (size <= 0xffff)
            return &kNotShortest;
    }
    if (!isControl(head[0])) {
        if (const Verdict verdict = beginData(head[0], size, turn))
            return verdict;
    }
    if (quint64(turn.bytes.size()) >= size)
        return takeWholeFrame(head[0], key, qsizetype(size), turn);
    m_head[0] = head[0];
    std::memcpy(m_head.data() + 1, key, kKeyBytes);
    m_frameLeft = quint32(size);
    m_isInPayload = true;
    return nullptr; // its first piece is taken on the next turn of the loop, if there is one
}

FrameGuard::Verdict FrameGuard::beginData(quint8 first, quint64 size, Turn &turn)
{
    const quint64 limit = quint64(std::clamp<qint64>(turn.maxMessageBytes, 0, std::numeric_limits<quint32>::max()));
    const quint64 before = m_fragments > 0 ? m_messageBytes : 0;
    if (size > limit || before > limit - size)
        return &kTooBig;
    if (m_fragments == 0) {
        m_isText = (first & kOpcodeBits) == quint8(Opcode::Text);
        m_isSkipped = !turn.handler.messageBegins();
    }
    m_messageBytes = quint32(before + size);
    m_fragments = (m_fragments + 1) & 0x7F;
    return nullptr;
}

FrameGuard::Verdict FrameGuard::takeWholeFrame(quint8 first, const uchar *key, qsizetype size, Turn &turn)
{
    const QByteArrayView masked = turn.bytes.first(size);
    turn.bytes = turn.bytes.sliced(size);
    if (isControl(first)) {
        std::array<char, kMaxControlBytes> payload;
        unmask(masked, payload.data(), key);
        return endControl(first, QByteArrayView(payload.data(), size), turn);
    }
    const bool isFinal = first & kFinalBit;
    if (isFinal && !m_partial && !m_isSkipped && !m_isOver) {
        m_fragments = 0;
        m_hasEndedMessage = true;
        return deliverWhole(m_isText, masked, key, turn);
    }
    if (const Verdict verdict = append(masked, key))
        return verdict;
    return isFinal ? endMessage(turn) : nullptr;
}

FrameGuard::Verdict FrameGuard::takePiece(Turn &turn)
{
    const qsizetype take = std::min<qsizetype>(turn.bytes.size(), m_frameLeft);
    const QByteArrayView masked = turn.bytes.first(take);
    turn.bytes = turn.bytes.sliced(take);
    const quint8 first = m_head[0];
    uchar *key = m_head.data() + 1;
    if (isControl(first)) {
        Partial &kept = partial();
        unmask(masked, kept.control.data() + kept.controlSize, key);
        kept.controlSize = quint8(kept.controlSize + take);
    } else if (const Verdict verdict = append(masked, key)) {
        return verdict;
    }
    std::rotate(key, key + take % kKeyBytes, key + kKeyBytes);
    m_frameLeft -= quint32(take);
    if (m_frameLeft > 0)
        return nullptr;
    m_isInPayload = false;
    if (!isControl(first))
        return first & kFinalBit ? endMessage(turn) : nullptr;
    const std::array<char, kMaxControlBytes> payload = m_partial->control;
    const quint8 size = std::exchange(m_partial->controlSize, 0);
    if (m_fragments == 0)
        m_partial.reset();
    return endControl(first, QByteArrayView(payload.data(), size), turn);
}

FrameGuard::Verdict FrameGuard::append(QByteArrayView masked, const uchar *key)
{
    if (m_isSkipped || m_isOver || masked.isEmpty())
        return nullptr;
    Partial &kept = partial();
    const qsizetype before = kept.message.size();
    kept.message.resize(before + masked.size());
    char *begin = kept.message.data() + before;
    unmask(masked, begin, key);
    return m_isText && !kept.utf8.feed(QByteArrayView(begin, masked.size())) ? &kBadText : nullptr;
}

FrameGuard::Verdict FrameGuard::endMessage(Turn &turn)
{
    m_fragments = 0;
    m_hasEndedMessage = true;
    const std::unique_ptr<Partial> kept = std::move(m_partial);
    if (m_isSkipped || m_isOver)
        return nullptr;
    if (kept && m_isText && !kept->utf8.isComplete())
        return &kBadText;
    turn.handler.messageReceived(
        m_isText ? Opcode::Text : Opcode::Binary, kept ? QByteArrayView(kept->message) : QByteArrayView(""));
    return nullptr;
}

FrameGuard::Verdict FrameGuard::deliverWhole(bool isText, QByteArrayView masked, const uchar *key, Turn &turn)
{
    char onStack[kOnStackBytes];
    std::unique_ptr<char[]> onHeap;
    if (masked.size() > kOnStackBytes)
        onHeap.reset(new char[size_t(masked.size())]); // make_unique would write zeros first
    char *payload = onHeap ? onHeap.get() : onStack;
    const bool isAscii = unmask(masked, payload, key);
    const QByteArrayView message(payload, masked.size());
    if (isText && !isAscii) {
        Utf8Validator utf8;
        if (!utf8.feed(message) || !utf8.isComplete())
            return &kBadText;
    }
    turn.handler.messageReceived(isText ? Opcode::Text : Opcode::Binary, message);
    return nullptr;
}

FrameGuard::Verdict FrameGuard::endControl(quint8 first, QByteArrayView payload, Turn &turn)
{
    const Opcode opcode = Opcode(first & kOpcodeBits);
    m_hasEndedMessage = m_hasEndedMessage || m_fragments == 0;
    if (opcode == Opcode::Ping) {
        if (turn.pings++ < kMaxPingsPerFeed) {
            turn.handler.pingReceived(payload);
        } else {
            turn.lastPingSize = payload.size();
            std::copy(payload.begin(), payload.end(), turn.lastPing.begin());
        }
        return nullptr;
    }
    if (opcode == Opcode::Pong) {
        turn.handler.pongReceived(payload);
        return nullptr;
    }
    if (payload.size() == 1)
        return &kCutCloseCode;
    if (payload.size() >= 2) {
        if (!isValidCloseCode(qFromBigEndian<quint16>(payload.data())))
            return &kBadCloseCode;
        Utf8Validator reason;
        if (!reason.feed(payload.sliced(2)) || !reason.isComplete())
            return &kBadCloseReason;
    }
    stop();
    turn.handler.closeReceived(payload);
    return nullptr;
}

} // namespace gatehouse
