// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>

namespace gatehouse::conformance {

/// What a client sends on a fresh connection, and everything that it must get, in words (see the functions below).
/// Unless the last of them is a close, the connection must stay open.
struct Case
{
    QByteArray name;
    QByteArray bytes;
    QList<QByteArray> answers;
    bool endsMidMessage = false; ///< the bytes end between two fragments: only a ping may follow
};

/// The channel's answer to a ping command with that id: proof that exactly this text arrived.
[[nodiscard]] QByteArray answered(const QByteArray &id);
/// The channel's answer to a message that is no command.
[[nodiscard]] QByteArray badRequest();
/// A pong frame with exactly that payload.
[[nodiscard]] QByteArray pong(const QByteArray &payload);
/// A close frame with one of these codes (1005: without one), after which the server ends the connection and says no
/// more.
[[nodiscard]] QByteArray closed(int code);
[[nodiscard]] QByteArray closedWithAny(const QList<int> &codes);

// The families, a file each. What must be answered follows from RFC 6455 and from the channel's description, never from
// the code.
[[nodiscard]] std::vector<Case> lengthCases();
[[nodiscard]] std::vector<Case> headCases();
[[nodiscard]] std::vector<Case> pingPongCases();
[[nodiscard]] std::vector<Case> fragmentationCases();
[[nodiscard]] std::vector<Case> utf8Cases();
[[nodiscard]] std::vector<Case> closingCases();
[[nodiscard]] std::vector<Case> limitCases();

} // namespace gatehouse::conformance
