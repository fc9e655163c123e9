// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// What HTTP connections may take, in one place: resources/docs/settings.md ("What HTTP connections may take") tells it
/// to whoever runs a server.

// One request
inline constexpr qsizetype kMaxHeadBytes = 16 * 1024;
inline constexpr int kMaxHeadFields = 64;
inline constexpr qsizetype kMaxFieldBytes = 8000;
inline constexpr qsizetype kMaxBodyBytes = 1024 * 1024;
inline constexpr qsizetype kMaxChunkExtraBytes = 16 * 1024; ///< extensions and trailer of a chunked body

// Time. All of them end in a closed connection, whatever the peer does.
inline constexpr std::chrono::seconds kHeadDeadline{ 5 }; ///< for a whole head, from its first possible moment
inline constexpr std::chrono::seconds kBodyDeadline{ 10 };
inline constexpr std::chrono::seconds kAnswerDeadline{ 10 }; ///< for the peer to take the answer
/// Between two requests of a kept connection: longer than balancers keep theirs (60 s), so that it is they who close it
/// and no request meets a connection that is just being closed. Told in Keep-Alive.
inline constexpr std::chrono::seconds kIdleDeadline{ 75 };

// Connections of one address. One is known once a request on it was let in by its token.
inline constexpr size_t kMaxStrangersPerAddress = 64;
inline constexpr size_t kMaxKnownPerAddress = 256;

// Memory: unfinished heads, answers that are not taken, and bodies that are being received.
inline constexpr qint64 kMaxHeldBytes = 16 * 1024 * 1024;          ///< of all connections together
inline constexpr qint64 kMaxHeldBytesPerAddress = 4 * 1024 * 1024; ///< heads and answers
inline constexpr qint64 kMaxBodyBytesInAll = 12 * 1024 * 1024;     ///< the rest is left to heads and answers
inline constexpr int kMaxUnsentBytes = 128 * 1024; ///< of one connection in the kernel, where they count for nobody
inline constexpr qint64 kMaxBodyBytesPerAddress = 8 * 1024 * 1024;

} // namespace gatehouse
