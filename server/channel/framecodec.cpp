// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/framecodec.h"

#include <QtCore/QtEndian>

namespace gatehouse {

namespace {

constexpr quint8 kFinal = 0x80;
constexpr quint8 kMasked = 0x80;

QByteArray header(Opcode opcode, qsizetype size, quint8 maskBit)
{
    QByteArray bytes(1, char(kFinal | quint8(opcode)));
    if (size < 126) {
        bytes += char(maskBit | quint8(size));
    } else if (size <= 0xffff) {
        bytes += char(maskBit | 126);
        char length[2];
        qToBigEndian(quint16(size), length);
        bytes.append(length, sizeof length);
    } else {
        bytes += char(maskBit | 127);
        char length[8];
        qToBigEndian(quint64(size), length);
        bytes.append(length, sizeof length);
    }
    return bytes;
}

} // namespace

QByteArray encodeServerFrame(Opcode opcode, QByteArrayView payload)
{
    QByteArray frame = header(opcode, payload.size(), 0);
    frame.append(payload);
    return frame;
}

QByteArray encodeClientFrame(Opcode opcode, QByteArrayView payload)
{
    QByteArray frame = header(opcode, payload.size(), kMasked);
    frame.append(4, '\0');
    frame.append(payload);
    return frame;
}

bool isValidCloseCode(int code)
{
    if (code >= 3000 && code <= 4999)
        return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

} // namespace gatehouse
