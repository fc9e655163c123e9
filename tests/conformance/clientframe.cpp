// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

QByteArray bigEndian(quint64 value, int bytes)
{
    QByteArray result;
    for (int i = bytes - 1; i >= 0; --i)
        result += char(value >> (8 * i) & 0xff);
    return result;
}

LengthForm shortest(quint64 length)
{
    return length < 126 ? LengthForm::SevenBit : length < 65536 ? LengthForm::SixteenBit : LengthForm::SixtyFourBit;
}

} // namespace

QByteArray frame(int opcode, const QByteArray &payload, const FrameForm &form)
{
    const quint64 length = form.claimedLength.value_or(quint64(payload.size()));
    const int maskBit = form.isMasked ? 0x80 : 0;
    QByteArray bytes(1, char((form.isFinal ? 0x80 : 0) | form.reservedBits << 4 | opcode));
    switch (form.lengthForm == LengthForm::Shortest ? shortest(length) : form.lengthForm) {
    case LengthForm::Shortest:
    case LengthForm::SevenBit:
        bytes += char(maskBit | int(length));
        break;
    case LengthForm::SixteenBit:
        bytes += QByteArray(1, char(maskBit | 126)) + bigEndian(length, 2);
        break;
    case LengthForm::SixtyFourBit:
        bytes += QByteArray(1, char(maskBit | 127)) + bigEndian(length, 8);
        break;
    }
    if (!form.isMasked)
        return bytes + payload;
    for (const quint8 part : form.key)
        bytes += char(part);
    for (qsizetype i = 0; i < payload.size(); ++i)
        bytes += char(quint8(payload[i]) ^ form.key[size_t(i % 4)]);
    return bytes;
}

QByteArray fragment(int opcode, const QByteArray &payload)
{
    return frame(opcode, payload, { .isFinal = false });
}

QByteArray fragments(int opcode, const QByteArray &payload, const QList<qsizetype> &sizes)
{
    QByteArray bytes;
    qsizetype at = 0;
    for (const qsizetype size : sizes) {
        bytes += fragment(bytes.isEmpty() ? opcode : kContinuation, payload.mid(at, size));
        at += size;
    }
    return bytes + frame(bytes.isEmpty() ? opcode : kContinuation, payload.mid(at));
}

QByteArray closeBody(int code, const QByteArray &reason)
{
    return bigEndian(quint64(code), 2) + reason;
}

QByteArray pingCommand(const QByteArray &id)
{
    return R"({"type":"ping","id":")" + id + R"("})";
}

QByteArray pingCommandOf(qsizetype size, const QByteArray &id)
{
    const QByteArray command = pingCommand(id);
    Q_ASSERT(command.size() <= size);
    return command + QByteArray(size - command.size(), ' ');
}

} // namespace gatehouse::conformance
