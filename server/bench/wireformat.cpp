// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/wireformat.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QRandomGenerator>
#include <QtCore/QtEndian>

namespace gatehouse::bench {

namespace {

constexpr quint8 kFinal = 0x80;
constexpr quint8 kMasked = 0x80;
constexpr quint8 kReserved = 0x70;
constexpr quint64 kMaxFrameBytes = 16 * 1024 * 1024;

template <typename Number> void appendBigEndian(QByteArray &bytes, Number number)
{
    char encoded[sizeof(Number)];
    qToBigEndian(number, encoded);
    bytes.append(encoded, sizeof encoded);
}

} // namespace

QByteArray clientFrame(quint8 opcode, QByteArrayView payload, quint32 mask)
{
    QByteArray frame;
    frame.reserve(payload.size() + 14);
    frame += char(kFinal | opcode);
    if (payload.size() < 126) {
        frame += char(kMasked | quint8(payload.size()));
    } else if (payload.size() <= 0xffff) {
        frame += char(kMasked | 126);
        appendBigEndian(frame, quint16(payload.size()));
    } else {
        frame += char(kMasked | 127);
        appendBigEndian(frame, quint64(payload.size()));
    }
    appendBigEndian(frame, mask);
    for (qsizetype i = 0; i < payload.size(); ++i)
        frame += char(quint8(payload[i]) ^ quint8(mask >> (24 - 8 * (i % 4))));
    return frame;
}

QByteArray closeFrame(quint16 code, quint32 mask)
{
    QByteArray payload;
    appendBigEndian(payload, code);
    return clientFrame(kClose, payload, mask);
}

ScannedFrame scanServerFrame(QByteArrayView bytes)
{
    ScannedFrame frame;
    if (bytes.size() < 2)
        return frame;
    const quint8 first = quint8(bytes[0]);
    const quint8 second = quint8(bytes[1]);
    quint64 length = second & 0x7f;
    qsizetype head = 2;
    if (length >= 126) {
        head = length == 126 ? 4 : 10;
        if (bytes.size() < head)
            return frame;
        length = head == 4 ? qFromBigEndian<quint16>(bytes.data() + 2) : qFromBigEndian<quint64>(bytes.data() + 2);
    }
    if ((second & kMasked) != 0 || (first & kReserved) != 0 || length > kMaxFrameBytes) {
        frame.status = ScannedFrame::Status::Invalid;
        return frame;
    }
    if (quint64(bytes.size() - head) < length)
        return frame;
    frame.status = ScannedFrame::Status::Complete;
    frame.opcode = first & 0x0f;
    frame.isFinal = (first & kFinal) != 0;
    frame.payload = bytes.sliced(head, qsizetype(length));
    frame.size = head + qsizetype(length);
    return frame;
}

HandshakeKey makeHandshakeKey()
{
    QByteArray random(16, '\0');
    for (char &byte : random)
        byte = char(QRandomGenerator::global()->bounded(256));
    const QByteArray key = random.toBase64();
    const QByteArray salted = key + QByteArrayLiteral("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    return { key, QCryptographicHash::hash(salted, QCryptographicHash::Sha1).toBase64() };
}

QByteArray upgradeRequest(const UpgradeFields &fields)
{
    QByteArray request = "GET " + fields.path + " HTTP/1.1\r\nHost: " + fields.host
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + fields.key + "\r\n";
    if (!fields.origin.isEmpty())
        request += "Origin: " + fields.origin + "\r\n";
    if (!fields.token.isEmpty())
        request += "Authorization: Bearer " + fields.token + "\r\n";
    return request + "\r\n";
}

QByteArray postRequest(const QByteArray &path, const QByteArray &host, const QByteArray &token, const QByteArray &body)
{
    QByteArray request = "POST " + path + " HTTP/1.1\r\nHost: " + host
        + "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n";
    if (!token.isEmpty())
        request += "Authorization: Bearer " + token + "\r\n";
    return request + "\r\n" + body;
}

std::optional<AnswerHead> scanAnswerHead(QByteArrayView bytes)
{
    const qsizetype end = bytes.indexOf(QByteArrayView("\r\n\r\n"));
    if (end < 0)
        return std::nullopt;
    AnswerHead head;
    head.size = end + 4;
    if (bytes.startsWith("HTTP/1.") && end >= 12 && bytes[8] == ' ')
        head.status = bytes.sliced(9, 3).toByteArray().toInt();
    const QByteArrayView text = bytes.first(head.size);
    bool isNumber = false;
    const qlonglong length = headerValue(text, "content-length").toLongLong(&isNumber);
    head.bodyBytes = isNumber && length >= 0 ? qsizetype(length) : -1;
    head.isClosing = headerValue(text, "connection").compare("close", Qt::CaseInsensitive) == 0;
    return head;
}

QByteArray headerValue(QByteArrayView head, QByteArrayView lowerCaseName)
{
    qsizetype at = head.indexOf(QByteArrayView("\r\n"));
    while (at >= 0 && at + 2 < head.size()) {
        const qsizetype begin = at + 2;
        at = head.indexOf(QByteArrayView("\r\n"), begin);
        const QByteArrayView line = head.sliced(begin, (at < 0 ? head.size() : at) - begin);
        const bool isIt = line.size() > lowerCaseName.size() && line[lowerCaseName.size()] == ':'
            && qstrnicmp(line.data(), lowerCaseName.size(), lowerCaseName.data(), lowerCaseName.size()) == 0;
        if (isIt)
            return line.sliced(lowerCaseName.size() + 1).toByteArray().trimmed();
    }
    return {};
}

} // namespace gatehouse::bench
