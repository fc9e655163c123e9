// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/frameguard.h"

#include <algorithm>
#include <cstring>

#include <QtCore/QtEndian>

namespace gatehouse {

namespace {

constexpr quint8 kFinalBit = 0x80;
constexpr quint8 kReservedBits = 0x70;
constexpr quint8 kOpcodeBits = 0x0F;
constexpr quint8 kMaskBit = 0x80;
constexpr quint8 kLengthBits = 0x7F;
constexpr qint64 kMaxControlBytes = 125;

FrameViolation protocolError(const char *reason)
{
    return { CloseCode::ProtocolError, reason };
}

bool isKnown(quint8 opcode)
{
    return opcode <= quint8(Opcode::Binary) || (opcode >= quint8(Opcode::Close) && opcode <= quint8(Opcode::Pong));
}

void unmask(char *data, qsizetype size, const quint8 (&mask)[4], qint64 offset)
{
    for (qsizetype i = 0; i < size; ++i)
        data[i] = char(quint8(data[i]) ^ mask[(offset + i) % 4]);
}

} // namespace

qsizetype FrameGuard::headLength() const
{
    if (m_headSize < 2)
        return 2;
    const quint8 length = quint8(m_head[1]) & kLengthBits;
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

std::optional<FrameViolation> FrameGuard::feed(QByteArrayView bytes, qint64 maxMessageBytes, FrameHandler &handler)
{
    while (!m_isOver && (!bytes.isEmpty() || (m_isInPayload && m_frameRead == m_frameBytes))) {
        MaybeViolation violation;
        if (!m_isInPayload) {
            const qsizetype take = std::min(bytes.size(), headLength() - m_headSize);
            std::memcpy(m_head + m_headSize, bytes.data(), size_t(take));
            m_headSize = quint8(m_headSize + take);
            bytes = bytes.sliced(take);
            // The first two bytes tell most violations: judged before the rest of the head is waited for.
            if (m_headSize == 2 || m_headSize == headLength())
                violation = beginFrame(maxMessageBytes, handler);
        } else {
            violation = takePayload(bytes, handler);
        }
        if (violation) {
            m_isOver = true;
            m_message.clear();
            return violation;
        }
    }
    return std::nullopt;
}

FrameGuard::MaybeViolation FrameGuard::beginFrame(qint64 maxMessageBytes, FrameHandler &handler)
{
    const quint8 first = quint8(m_head[0]);
    m_isFinal = first & kFinalBit;
    m_opcode = Opcode(first & kOpcodeBits);
    if (m_headSize == 2) {
        if (first & kReservedBits)
            return protocolError("reserved bits are set");
        if (!isKnown(first & kOpcodeBits))
            return protocolError("reserved opcode");
        if (!(quint8(m_head[1]) & kMaskBit))
            return protocolError("frame is not masked");
        return std::nullopt;
    }
    const quint8 length = quint8(m_head[1]) & kLengthBits;
    const quint64 size = length < 126 ? length
        : length == 126               ? qFromBigEndian<quint16>(m_head + 2)
                                      : qFromBigEndian<quint64>(m_head + 2);
    if (size > quint64(std::numeric_limits<qint64>::max()))
        return FrameViolation { CloseCode::MessageTooBig, "frame is too big" };
    m_frameBytes = qint64(size);
    if ((length == 126 && size < 126) || (length == 127 && size <= 0xffff))
        return protocolError("length is not in its shortest form");
    if (MaybeViolation violation = checkHead(maxMessageBytes))
        return violation;
    std::memcpy(m_mask, m_head + m_headSize - 4, 4);
    m_headSize = 0;
    m_frameRead = 0;
    m_isInPayload = true;
    if (isControl()) {
        m_control.clear();
        return std::nullopt;
    }
    if (!m_isInMessage) {
        m_isInMessage = true;
        m_messageOpcode = m_opcode;
        m_isSkipped = !handler.messageBegins();
        m_utf8.reset();
        m_messageBytes = 0;
        m_fragments = 0;
    }
    m_messageBytes += m_frameBytes;
    ++m_fragments;
    return std::nullopt;
}

FrameGuard::MaybeViolation FrameGuard::checkHead(qint64 maxMessageBytes) const
{
    if (isControl()) {
        if (!m_isFinal)
            return protocolError("control frame is fragmented");
        if (m_frameBytes > kMaxControlBytes)
            return protocolError("control frame is too long");
        return std::nullopt;
    }
    if (m_opcode == Opcode::Continuation && !m_isInMessage)
        return protocolError("continuation without a message");
    if (m_opcode != Opcode::Continuation && m_isInMessage)
        return protocolError("new message within a message");
    if (m_isInMessage && m_fragments >= kMaxFragments)
        return FrameViolation { CloseCode::PolicyViolation, "too many fragments" };
    const qint64 before = m_isInMessage ? m_messageBytes : 0;
    if (m_frameBytes > maxMessageBytes - before)
        return FrameViolation { CloseCode::MessageTooBig, "message is too big" };
    return std::nullopt;
}

FrameGuard::MaybeViolation FrameGuard::takePayload(QByteArrayView &bytes, FrameHandler &handler)
{
    const qsizetype take = qsizetype(std::min<qint64>(bytes.size(), m_frameBytes - m_frameRead));
    if (take > 0 && (isControl() || !m_isSkipped)) {
        QByteArray &target = isControl() ? m_control : m_message;
        const qsizetype begin = target.size();
        target.append(bytes.first(take));
        unmask(target.data() + begin, take, m_mask, m_frameRead);
        if (!isControl() && m_messageOpcode == Opcode::Text
            && !m_utf8.feed(QByteArrayView(target.constData() + begin, take)))
            return FrameViolation { CloseCode::InvalidPayload, "text is not UTF-8" };
    }
    bytes = bytes.sliced(take);
    m_frameRead += take;
    return m_frameRead == m_frameBytes ? endFrame(handler) : std::nullopt;
}

FrameGuard::MaybeViolation FrameGuard::endFrame(FrameHandler &handler)
{
    m_isInPayload = false;
    if (isControl())
        return endControl(handler);
    if (!m_isFinal)
        return std::nullopt;
    m_isInMessage = false;
    if (m_isSkipped)
        return std::nullopt;
    if (m_messageOpcode == Opcode::Text && !m_utf8.isComplete())
        return FrameViolation { CloseCode::InvalidPayload, "text is not UTF-8" };
    handler.messageReceived(m_messageOpcode, std::exchange(m_message, {}));
    return std::nullopt;
}

FrameGuard::MaybeViolation FrameGuard::endControl(FrameHandler &handler)
{
    if (m_opcode == Opcode::Ping) {
        handler.pingReceived(m_control);
        return std::nullopt;
    }
    if (m_opcode == Opcode::Pong) {
        handler.pongReceived();
        return std::nullopt;
    }
    if (m_control.size() == 1)
        return protocolError("close code is cut off");
    if (m_control.size() >= 2) {
        if (!isValidCloseCode(qFromBigEndian<quint16>(m_control.constData())))
            return protocolError("close code is not allowed");
        Utf8Validator reason;
        if (!reason.feed(QByteArrayView(m_control).sliced(2)) || !reason.isComplete())
            return FrameViolation { CloseCode::InvalidPayload, "close reason is not UTF-8" };
    }
    m_isOver = true;
    handler.closeReceived(m_control);
    return std::nullopt;
}

} // namespace gatehouse
