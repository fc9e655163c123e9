// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QtCore/QStringList>

#include "server/notify/cursor.h"
#include "shared/protocol/notification.h"

namespace gatehouse {

/// A notification with its place in the order of publishing. The cursor on the wire is made of the sequence.
struct StoredNotification
{
    qint64 sequence = 0;
    Notification notification;
};

/// What makes a publish that is sent again recognisable.
struct PublishKey
{
    QString user;      ///< whose key it is: each publisher has keys of its own
    QByteArray key;    ///< visible ASCII
    QByteArray digest; ///< of the request: the same key with another request is a mistake
};

/// What has become of a publish with a key.
struct KeyedOutcome
{
    enum class Kind
    {
        Stored,   ///< for the first time
        Replayed, ///< had been published already: nothing was done
        Refused   ///< the key had been used for another request: nothing was done
    };
    Kind kind = Kind::Stored;
    std::vector<StoredNotification> notifications{}; ///< if stored, in order
    QStringList ids{};                               ///< if replayed: those that were answered the first time
};

/// The history's bound for one user, and thus of every list and count.
inline constexpr qint64 kMaxUnreadPerUser = 1000;

/// Of one list. A client has to take it whole before its queue is judged (kHardQueueBytes): a longer
/// one would cut each of a user's connections as a slow consumer.
inline constexpr qint64 kMaxInboxBytes = 512 * 1024;
inline constexpr std::chrono::hours kInboxRetention{ 24 * 30 };
/// How long a retry with the same key is recognised.
inline constexpr std::chrono::hours kPublishKeyRetention{ 24 };

/// Which part of whose inbox is asked for.
struct InboxQuery
{
    QString user;
    QStringList groups;               ///< those that the token names
    std::optional<Cursor> after{};    ///< what was published after it, read or not; nullopt: what is unread
    qint64 limit = kMaxUnreadPerUser; ///< most notifications of the answer, at least 1
};

/// The field of the Error of a store that is away for now: what was asked for can be had later, from the same store.
inline constexpr QLatin1StringView kStoreAway("store_away");

/// The field of the Error of a store that has too much to do for this user, or in all: nothing was done, and it can be
/// asked again.
inline constexpr QLatin1StringView kStoreBusy("store_busy");

/// What a `notifications_list` is made of.
struct Inbox
{
    std::vector<StoredNotification> notifications; ///< oldest first
    qint64 unreadCount = 0;                        ///< of the whole inbox, listed here or not
    qint64 lastSequence = 0;                       ///< everything up to here is taken into account
    bool isTruncated = false; ///< not all that was asked for is in the history any more, or the unread ones are more
                              ///< than a list takes
    bool hasMore
        = false; ///< ask again with the cursor of lastSequence: one list does not take all that came after the cursor
    quint32 run = 0;                      ///< of the cursor
    UtcTime unreadUntil = UtcTime::max(); ///< when the first of the unread ones expires
};

/// The durable memory of notifications and of who read them. Callable from any thread; callbacks run on a thread of the
/// store's choosing: post onward.
///
/// Lists and marks of one user are done one after the other, in the order of asking. They are read in portions, between
/// which other users have theirs: however much one asks for, nobody else waits for all of it, and no append does. A
/// list says what there was at one moment. What was acknowledged before it was asked for is in it.
class NotificationStore
{
public:
    virtual ~NotificationStore() = default;

    /// Stores a batch, all or nothing, and answers with the stored notifications in order once they are durable.
    /// Ephemeral requests are not to be passed.
    virtual void append(
        std::vector<PublishRequest> requests, std::function<void(Result<std::vector<StoredNotification>>)> done)
        = 0;
    /// The same once for each key: whether it was published with that key before, also before a crash, is decided in
    /// the same transaction. `ids` are those of the whole request in its order, empty where one of `requests` is to be:
    /// these get their ids now.
    virtual void appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
        std::function<void(Result<KeyedOutcome>)> done)
        = 0;
    /// The part of an inbox that was asked for. A cursor that is not of this history (of a lost state file, or given
    /// out after the backup that was put back) gets what is unread, and isTruncated. Makes the user known: from then on
    /// notifications to groups and to all are kept for them.
    virtual void loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> done) = 0;
    /// The same answered at once, where the store knows without looking that nothing is to be listed; nullopt where it
    /// does not.
    [[nodiscard]] virtual std::optional<Inbox> knownInbox(const InboxQuery &query) const = 0;
    /// Which run the cursors that are given out now belong to.
    [[nodiscard]] virtual quint32 run() const = 0;
    /// Marks notifications as read; ids that are unknown or not the user's are ignored. Answers with the ids that were
    /// unread until now and the unread count that is left.
    virtual void markRead(const QString &user, const QStringList &groups, const QStringList &ids,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done)
        = 0;
    virtual void markAllRead(const QString &user, const QStringList &groups,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done)
        = 0;
};

} // namespace gatehouse
