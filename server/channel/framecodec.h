// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtCore/QByteArray>

#include "shared/protocol/closecode.h"

namespace gatehouse {

/// Opcodes of RFC 6455 section 5.2.
enum class Opcode : quint8
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA
};

inline constexpr qsizetype kMaxControlBytes = 125;  ///< payload of a control frame
inline constexpr qsizetype kMaxFrameHeadBytes = 14; ///< of a frame, with its masking key

/// The head of an unmasked frame, as a server sends it.
struct FrameHead
{
    std::array<char, 10> bytes{};
    qsizetype size = 0;
};
[[nodiscard]] FrameHead encodeServerHead(Opcode opcode, qsizetype payloadBytes);
/// A complete, unmasked frame, as a server sends it.
[[nodiscard]] QByteArray encodeServerFrame(Opcode opcode, QByteArrayView payload);
/// A close frame as a server sends it. The reason is UTF-8 of at most 123 bytes.
[[nodiscard]] QByteArray encodeServerClose(CloseCode code, QByteArrayView reason);
/// A complete frame as a client sends it, with a masking key of zero: the form in which judged messages are handed to
/// QtWebSockets.
[[nodiscard]] QByteArray encodeClientFrame(Opcode opcode, QByteArrayView payload);
/// Whether a close code may come over the wire: RFC 6455 section 7.4.
[[nodiscard]] bool isValidCloseCode(int code);

} // namespace gatehouse
