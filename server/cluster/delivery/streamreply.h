// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtCore/QStringList>

#include "server/cluster/delivery/notificationcodec.h"
#include "server/cluster/delivery/streamorder.h"
#include "server/redis/redisreply.h"

namespace gatehouse {

/// What the scripts that read the streams are asked (readStreams) and answer (streamEnds, readStreams). Pure; nothing
/// in the answers is taken for granted, since others may write to the streams too.
namespace streamreply {

/// For each stream the id of the last entry that was read.
using Positions = std::array<QByteArray, kStreamShards>;

inline constexpr int kMostEntries = 64;                   ///< of one stream in one answer
inline constexpr qsizetype kMostBytes = 8 * 1024 * 1024;  ///< of one answer
inline constexpr qsizetype kMostEntryBytes = 1024 * 1024; ///< larger entries are passed over, and never leave Redis

[[nodiscard]] QByteArrayList readArguments(const Positions &positions);

struct Ends
{
    qint64 last = 0;
    HistoryRunBegin run{};
    Positions positions;
};
[[nodiscard]] Result<Ends> readEnds(const RedisReply &reply);

struct Read
{
    StreamAnswer answer;
    qint64 entries = 0;    ///< in the answer, good or not
    QStringList refused{}; ///< for each entry that is not what it should be, why
};
/// Moves the positions. The error says that this is no answer of the script.
[[nodiscard]] Result<Read> readAnswer(const RedisReply &reply, Positions &positions);

/// Whether `id` has the form of an entry's id.
[[nodiscard]] bool isEntryId(const QByteArray &id);
/// Whether an entry's id comes before another's. Both have the form.
[[nodiscard]] bool isBefore(const QByteArray &one, const QByteArray &other);

} // namespace streamreply

} // namespace gatehouse
