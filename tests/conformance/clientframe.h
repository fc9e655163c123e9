// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>

namespace gatehouse::conformance {

inline constexpr int kContinuation = 0x0;
inline constexpr int kText = 0x1;
inline constexpr int kBinary = 0x2;
inline constexpr int kClose = 0x8;
inline constexpr int kPing = 0x9;
inline constexpr int kPong = 0xA;

/// In which form the length is written.
enum class LengthForm
{
    Shortest,
    SevenBit,
    SixteenBit,
    SixtyFourBit
};

/// How a frame departs from a whole, masked, well-formed one.
struct FrameForm
{
    bool isFinal = true;
    int reservedBits = 0; ///< RSV1 = 4, RSV2 = 2, RSV3 = 1
    bool isMasked = true;
    std::array<quint8, 4> key{ 0x37, 0xfa, 0x21, 0x3d };
    LengthForm lengthForm = LengthForm::Shortest;
    std::optional<quint64> claimedLength{}; ///< instead of the payload's
};

/// One frame of RFC 6455 section 5.2 as a client sends it, well-formed or not. Shares no code with the server's codec.
[[nodiscard]] QByteArray frame(int opcode, const QByteArray &payload = {}, const FrameForm &form = {});
/// A fragment: a frame that is not the last of its message.
[[nodiscard]] QByteArray fragment(int opcode, const QByteArray &payload = {});
/// The message cut into fragments of these sizes; what is left is the last one.
[[nodiscard]] QByteArray fragments(int opcode, const QByteArray &payload, const QList<qsizetype> &sizes);
/// A close frame's payload.
[[nodiscard]] QByteArray closeBody(int code, const QByteArray &reason = {});

/// The command whose answer names its id: {"type":"ping","id":"…"}.
[[nodiscard]] QByteArray pingCommand(const QByteArray &id);
/// The same, blown up with spaces to exactly that many bytes.
[[nodiscard]] QByteArray pingCommandOf(qsizetype size, const QByteArray &id);

} // namespace gatehouse::conformance
