// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/framecodec.h"

#include <cstring>

#include <QtCore/QtEndian>

namespace gatehouse {

namespace {

constexpr quint8 kFinal = 0x80;
constexpr quint8 kMasked = 0x80;

FrameHead header(Opcode opcode, qsizetype size, quint8 maskBit)
{
    FrameHead head;
    head.bytes[0] = char(kFinal | quint8(opcode));
    if (size < 126) {
        head.bytes[1] = char(maskBit | quint8(size));
        head.size = 2;
    } else if (size <= 0xffff) {
        head.bytes[1] = char(maskBit | 126);
        qToBigEndian(quint16(size), head.bytes.data() + 2);
        head.size = 4;
    } else {
        head.bytes[1] = char(maskBit | 127);
        qToBigEndian(quint64(size), head.bytes.data() + 2);
        head.size = 10;
    }
    return head;
}

QByteArray encode(Opcode opcode, QByteArrayView payload, quint8 maskBit)
{
    const FrameHead head = header(opcode, payload.size(), maskBit);
    const qsizetype keyBytes = maskBit ? 4 : 0;
    QByteArray frame(head.size + keyBytes + payload.size(), Qt::Uninitialized);
    char *at = frame.data();
    std::memcpy(at, head.bytes.data(), size_t(head.size));
    std::memset(at + head.size, 0, size_t(keyBytes));
    if (!payload.isEmpty())
        std::memcpy(at + head.size + keyBytes, payload.data(), size_t(payload.size()));
    return frame;
}

} // namespace

FrameHead encodeServerHead(Opcode opcode, qsizetype payloadBytes)
{
    return header(opcode, payloadBytes, 0);
}

QByteArray encodeServerFrame(Opcode opcode, QByteArrayView payload)
{
    return encode(opcode, payload, 0);
}

QByteArray encodeServerClose(CloseCode code, QByteArrayView reason)
{
    char bytes[2];
    qToBigEndian(quint16(code), bytes);
    return encodeServerFrame(Opcode::Close, QByteArray(bytes, sizeof bytes).append(reason));
}

QByteArray encodeClientFrame(Opcode opcode, QByteArrayView payload)
{
    return encode(opcode, payload, kMasked);
}

bool isValidCloseCode(int code)
{
    if (code >= 3000 && code <= 4999)
        return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

} // namespace gatehouse
