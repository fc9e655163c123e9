// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/serverframes.h"

#include <array>
#include <limits>
#include <optional>

#include <QtCore/QtEndian>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr quint8 kFinalBit = 0x80;
constexpr quint8 kMaskBit = 0x80;
constexpr quint8 kReservedBits = 0x70;

/// The length of a frame's head and payload, once enough of it is there.
struct FrameSize
{
    qsizetype head = 0;
    quint64 payload = 0;
};

std::optional<FrameSize> frameSize(QByteArrayView bytes)
{
    if (bytes.size() < 2)
        return std::nullopt;
    const quint8 length = quint8(bytes[1]) & 0x7f;
    if (length < 126)
        return FrameSize{ 2, length };
    const qsizetype head = length == 126 ? 4 : 10;
    if (bytes.size() < head)
        return std::nullopt;
    if (length == 126)
        return FrameSize{ head, qFromBigEndian<quint16>(bytes.data() + 2) };
    return FrameSize{ head, qFromBigEndian<quint64>(bytes.data() + 2) };
}

} // namespace

Result<std::vector<ServerFrame>> ServerFrameReader::feed(QByteArrayView bytes)
{
    m_pending += bytes;
    std::vector<ServerFrame> frames;
    qsizetype at = 0;
    while (const std::optional<FrameSize> size = frameSize(QByteArrayView(m_pending).sliced(at))) {
        const quint8 first = quint8(m_pending[at]);
        if ((quint8(m_pending[at + 1]) & kMaskBit) != 0 || (first & kReservedBits) != 0)
            return Error{ u"the server sent a frame that is masked or has reserved bits"_s, {} };
        if (size->payload > quint64(kMaxPayloadBytes))
            return Error{ u"the server sent a frame of %1 bytes"_s.arg(size->payload), {} };
        const qsizetype total = size->head + qsizetype(size->payload);
        if (m_pending.size() - at < total)
            break;
        frames.push_back({ Opcode(first & 0x0f), (first & kFinalBit) != 0,
            m_pending.mid(at + size->head, qsizetype(size->payload)) });
        at += total;
    }
    m_pending.remove(0, at);
    return frames;
}

QByteArray encodeMaskedFrame(Opcode opcode, QByteArrayView payload, quint32 mask)
{
    QByteArray frame;
    frame += char(kFinalBit | quint8(opcode));
    const auto appendNumber = [&frame](auto number) {
        const auto bigEndian = qToBigEndian(number);
        frame.append(reinterpret_cast<const char *>(&bigEndian), sizeof(bigEndian));
    };
    if (payload.size() < 126) {
        frame += char(kMaskBit | quint8(payload.size()));
    } else if (payload.size() <= std::numeric_limits<quint16>::max()) {
        frame += char(kMaskBit | 126);
        appendNumber(quint16(payload.size()));
    } else {
        frame += char(kMaskBit | 127);
        appendNumber(quint64(payload.size()));
    }
    const qsizetype maskAt = frame.size();
    appendNumber(mask);
    const std::array<char, 4> key{ frame[maskAt], frame[maskAt + 1], frame[maskAt + 2], frame[maskAt + 3] };
    for (qsizetype i = 0; i < payload.size(); ++i)
        frame += char(payload[i] ^ key[size_t(i % 4)]);
    return frame;
}

} // namespace gatehouse
