// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayList>

#include "server/control/controltransport.h"
#include "server/redis/redisreply.h"

namespace gatehouse {

/// The control log as Redis holds it. What is read came from outside: everything is looked at before it is used, and
/// what has not the right shape or size is left out and named. Pure.
namespace controlcodec {

inline constexpr qsizetype kMaxPayloadBytes = 512 * 1024; ///< of an entry
inline constexpr qsizetype kMaxItemBytes = 64 * 1024;
inline constexpr qsizetype kMaxNameBytes = 256; ///< of an item's id, and of a node's name

/// The arguments of the script appendChange; an error if the change is larger than would be read.
[[nodiscard]] Result<QByteArrayList> appendArguments(const ControlChange &change, const QString &node);
[[nodiscard]] QByteArrayList seedArguments(const std::array<ControlItems, kControlKinds> &items, const QString &node);
[[nodiscard]] Result<ControlVerdict> verdictIn(const RedisReply &reply);
/// Of XRANGE: a list of entries. An error if it is no such list.
[[nodiscard]] Result<ControlBatch> batchIn(const RedisReply &entries, const QByteArray &from);
/// Of XREAD; nullopt if nothing came.
[[nodiscard]] Result<std::optional<ControlBatch>> readBatchIn(const RedisReply &reply, const QByteArray &from);
/// Of the script loadState, without the log.
[[nodiscard]] Result<std::optional<ControlSnapshot>> snapshotIn(const RedisReply &reply);

} // namespace controlcodec

} // namespace gatehouse
