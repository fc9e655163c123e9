// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/inboxentry.h"
#include "server/notify/notificationstore.h"
#include "server/redis/redisreply.h"

namespace gatehouse {

/// What is in the inbox of a user, a group or all for one reader.
struct InboxIndex
{
    std::vector<InboxEntry> unread; ///< newest first
    std::vector<InboxEntry> read;   ///< newest first; of what came after the cursor
    qint64 floor = 0;               ///< up to here some that had not expired are gone
    bool isOfUser = false;          ///< the others count from the reader's first sight
};

/// What the inbox of a reader is made of, at one moment.
struct ReaderIndex
{
    quint32 run = 0;
    qint64 last = 0;  ///< the last sequence
    qint64 since = 0; ///< the reader's first sight
    std::optional<qint64>
        after{}; ///< the sequence that the cursor stands for; nullopt without one and for one of another history
    bool isLost = false; ///< since the cursor some were lost with a Redis server
    std::vector<InboxIndex> inboxes{};
};

/// Contents by their place in what was asked for.
struct ReadContents
{
    std::vector<std::optional<Notification>>
        notifications; ///< nullopt for what is gone or no notification; the rest did not fit
    QString refusal;   ///< why the last one that is no notification is none; empty if all are
};

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
