// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>

#include <QtCore/QHash>
#include <QtCore/QStringList>

#include "shared/protocol/notification.h"

namespace gatehouse {

/// What is known of an inbox that has been read.
struct QuietInbox
{
    qint64 quietSince = 0; ///< after this sequence nothing was published to it …
    qint64 sequence = 0;   ///< … up to this one, and unless it is forgotten, until now
    qint64 unread = 0;
    UtcTime unreadUntil = UtcTime::max(); ///< when the first of the unread ones expires

    friend bool operator==(const QuietInbox &a, const QuietInbox &b) = default;
};

/// Remembers which users have missed nothing and how many are unread, so that most connects need not ask the database.
/// An entry holds for that user in those groups until something is published to one of them, or is marked as read.
/// Bounded. The store writes it on its thread before a commit; any thread may look.
class QuietInboxes final
{
public:
    static constexpr qsizetype kMaxUsers = 65'536;

    QuietInboxes() = default;
    Q_DISABLE_COPY_MOVE(QuietInboxes)

    /// The inbox was read.
    void remember(const QString &user, const QStringList &groups, const QuietInbox &inbox);
    /// Something is being published, with that sequence.
    void published(const Audience &to, qint64 sequence);
    /// Something is being marked as read.
    void forget(const QString &user);
    /// nullopt if nothing is known any more.
    [[nodiscard]] std::optional<QuietInbox> find(const QString &user, const QStringList &groups) const;

private:
    struct Entry
    {
        QStringList groups;
        QuietInbox inbox;
    };
    mutable std::mutex m_mutex;
    QHash<QString, Entry> m_entries;
    QHash<QString, qint64> m_lastOfGroup;
    qint64 m_lastOfAll = 0;
};

} // namespace gatehouse
