// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QtCore/QStringList>

#include "shared/protocol/notification.h"

namespace gatehouse {

/// A notification with its place in the order of publishing. The cursor on the wire is made of the sequence.
struct StoredNotification
{
    qint64 sequence = 0;
    Notification notification;
};

/// What a user's `notifications_list` is made of.
struct Inbox
{
    std::vector<StoredNotification> unread; ///< oldest first
    qint64 unreadCount = 0;
    qint64 lastSequence = 0; ///< everything up to here is taken into account
    bool isTruncated = false; ///< there is more than the bound allows
};

/// The durable memory of notifications and of who read them. Callable from any thread; callbacks run on a thread of the store's
/// choosing: post onward.
class NotificationStore
{
public:
    virtual ~NotificationStore() = default;

    /// Stores a batch, all or nothing, and answers with the stored notifications in order once they are durable. Ephemeral
    /// requests are not to be passed.
    virtual void append(std::vector<PublishRequest> requests,
        std::function<void(Result<std::vector<StoredNotification>>)> done) = 0;
    /// The unread notifications of a user who is in these groups. Makes the user known: from then on notifications to groups and
    /// to all are kept for them.
    virtual void loadInbox(const QString &user, const QStringList &groups, std::function<void(Result<Inbox>)> done) = 0;
    /// The same answered at once, where the store knows without looking that nothing is unread; nullopt where it does not.
    [[nodiscard]] virtual std::optional<Inbox> knownInbox(const QString &user, const QStringList &groups) const = 0;
    /// Marks notifications as read; ids that are unknown or not the user's are ignored. Answers with the ids that were unread
    /// until now and the unread count that is left.
    virtual void markRead(const QString &user, const QStringList &groups, const QStringList &ids,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) = 0;
    virtual void markAllRead(const QString &user, const QStringList &groups,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) = 0;
};

} // namespace gatehouse
