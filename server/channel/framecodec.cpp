// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/framecodec.h"

#include <cstring>

#include <QtCore/QtEndian>

namespace gatehouse {

namespace {

constexpr quint8 kFinal = 0x80;
constexpr quint8 kMasked = 0x80;

/// The frame with room for its payload; `payload` is set to where that goes. One allocation, nothing is copied twice.
QByteArray frameFor(Opcode opcode, qsizetype size, quint8 maskBit, char *&payload)
{
    const qsizetype lengthBytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
    const qsizetype keyBytes = maskBit ? 4 : 0;
    QByteArray bytes(2 + lengthBytes + keyBytes + size, Qt::Uninitialized);
    char *at = bytes.data();
    *at++ = char(kFinal | quint8(opcode));
    *at++ = char(maskBit | (lengthBytes == 0 ? quint8(size) : lengthBytes == 2 ? 126 : 127));
    if (lengthBytes == 2)
        qToBigEndian(quint16(size), at);
    else if (lengthBytes == 8)
        qToBigEndian(quint64(size), at);
    at += lengthBytes;
    std::memset(at, 0, size_t(keyBytes));
    payload = at + keyBytes;
    return bytes;
}

QByteArray encode(Opcode opcode, QByteArrayView payload, quint8 maskBit)
{
    char *at = nullptr;
    QByteArray frame = frameFor(opcode, payload.size(), maskBit, at);
    if (!payload.isEmpty())
        std::memcpy(at, payload.data(), size_t(payload.size()));
    return frame;
}

} // namespace

QByteArray encodeServerFrame(Opcode opcode, QByteArrayView payload)
{
    return encode(opcode, payload, 0);
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
