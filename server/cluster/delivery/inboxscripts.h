// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/inboxmerge.h"
#include "server/redis/redisreply.h"

namespace gatehouse {

/// What the scripts that read inboxes (inboxIndex, inboxContents) and mark as read (markRead) are asked by
/// RedisHistory::run(), and how their answers are read. Pure. An answer that has not the shape that it should have is
/// an error.
namespace inboxscripts {

/// The end of the year 9999. A later time is nothing of ours, and so never added to.
inline constexpr qint64 kLatestMillis = 253'402'300'800'000;

/// The user becomes known by it.
[[nodiscard]] QByteArrayList indexArguments(const InboxQuery &query);
/// Without what has expired by `now`; what is too old is in it.
[[nodiscard]] Result<ReaderIndex> readIndex(const RedisReply &reply, UtcTime now);

/// The contents of the first of these sequences that fit into `maxBytes` as a list.
[[nodiscard]] QByteArrayList contentsArguments(const std::vector<InboxEntry> &entries, qint64 maxBytes);
[[nodiscard]] Result<ReadContents> readContents(const RedisReply &reply);

/// Without `ids` all that are unread.
[[nodiscard]] QByteArrayList markArguments(
    const QString &user, const QStringList &groups, const std::optional<QStringList> &ids, UtcTime now);
/// The ids that were unread, and how many are left.
[[nodiscard]] Result<std::pair<QStringList, qint64>> readMarked(const RedisReply &reply);

} // namespace inboxscripts

} // namespace gatehouse
