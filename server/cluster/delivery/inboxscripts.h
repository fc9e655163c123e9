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

/// What is asked of the inboxes.
struct IndexQuestion
{
    InboxQuery query;
    bool makesKnown = true; ///< the user becomes known by it
    qint64 above = 0;       ///< only what came after this sequence
    qint64 portion = 250;   ///< entries that one script looks at: a fraction of a millisecond
};
/// Where the index of a reader's inboxes goes on, from one portion to the next.
struct IndexPlace
{
    bool isBegun = false;
    qint64 inbox = 0;  ///< its number: that of the user is 0, that of all 1, then the groups'
    qint64 upTo = 0;   ///< the largest sequence in it
    qint64 looked = 0; ///< entries of it that have been looked at

    [[nodiscard]] bool isAtEnd(const IndexQuestion &question) const
    {
        return isBegun && inbox >= question.query.groups.size() + 2;
    }
};
[[nodiscard]] QByteArrayList indexArguments(
    const IndexQuestion &question, const IndexPlace &place, const ReaderIndex &index);
/// Adds a portion to `index`, and moves `place`. Without what has expired by `now`; what is too old is in it.
[[nodiscard]] Status readIndex(const RedisReply &reply, UtcTime now, IndexPlace &place, ReaderIndex &index);

inline constexpr qsizetype kContentsPortion = 100;
/// More than one notification may have, so that one at least is in each portion that has room for it.
inline constexpr qint64 kContentsPortionBytes = 128 * 1024;
/// The contents of the entries that follow on the first `have`, a portion, as far as they fit into `maxBytes` as a
/// list.
[[nodiscard]] QByteArrayList contentsArguments(const std::vector<InboxEntry> &entries, size_t have, qint64 maxBytes);
/// Adds a portion; isFull where less came than was asked for with those arguments.
[[nodiscard]] Status readContents(const RedisReply &reply, qsizetype asked, ReadContents &contents);

inline constexpr qsizetype kMarksPortion = 50;
[[nodiscard]] QByteArrayList markArguments(const QString &user, const std::vector<InboxEntry> &entries, size_t have);
/// The ids of those that were not marked yet, of the entries from `have` on.
[[nodiscard]] Result<QStringList> readMarked(
    const RedisReply &reply, const std::vector<InboxEntry> &entries, size_t have);

} // namespace inboxscripts

} // namespace gatehouse
