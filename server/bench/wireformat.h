// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArray>

namespace gatehouse::bench {

/// What a load generator says and hears, RFC 6455 and just enough of HTTP/1.1. Pure functions that allocate nothing
/// when reading; written for the bench alone, so that a mistake in the server's own code cannot hide itself.

inline constexpr quint8 kText = 0x1;
inline constexpr quint8 kClose = 0x8;
inline constexpr quint8 kPing = 0x9;
inline constexpr quint8 kPong = 0xA;

/// A complete masked frame with the FIN bit.
[[nodiscard]] QByteArray clientFrame(quint8 opcode, QByteArrayView payload, quint32 mask);
/// A close frame with a code and no reason.
[[nodiscard]] QByteArray closeFrame(quint16 code, quint32 mask);

/// What the bytes that a server sent begin with.
struct ScannedFrame
{
    enum class Status : quint8
    {
        Complete,
        Incomplete,
        Invalid
    };
    Status status = Status::Incomplete;
    quint8 opcode = 0;
    bool isFinal = true;
    QByteArrayView payload; ///< within the scanned bytes
    qsizetype size = 0;     ///< of the whole frame
};
/// The frame at the front. Masked frames, reserved bits and more than 16 MiB are invalid.
[[nodiscard]] ScannedFrame scanServerFrame(QByteArrayView bytes);

/// The 16 random bytes of a handshake, and the answer that proves that a server has read them.
struct HandshakeKey
{
    QByteArray key;
    QByteArray accept;
};
[[nodiscard]] HandshakeKey makeHandshakeKey();

struct UpgradeFields
{
    QByteArray path;
    QByteArray host;
    QByteArray origin; ///< empty: not sent
    QByteArray token;  ///< empty: not sent
    QByteArray key;
};
[[nodiscard]] QByteArray upgradeRequest(const UpgradeFields &fields);
/// A POST over a connection that stays open.
[[nodiscard]] QByteArray postRequest(
    const QByteArray &path, const QByteArray &host, const QByteArray &token, const QByteArray &body);

/// The head of an HTTP answer.
struct AnswerHead
{
    int status = 0;          ///< 0: this is no HTTP/1.x
    qsizetype size = 0;      ///< with the empty line
    qsizetype bodyBytes = 0; ///< as Content-Length says; -1 if it does not
    bool isClosing = false;
};
/// nullopt until the head is complete.
[[nodiscard]] std::optional<AnswerHead> scanAnswerHead(QByteArrayView bytes);
/// The value of a header, in whatever case its name is written; empty if there is none. `head` ends with the empty
/// line.
[[nodiscard]] QByteArray headerValue(QByteArrayView head, QByteArrayView lowerCaseName);

} // namespace gatehouse::bench
