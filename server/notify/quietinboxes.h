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
/// Bounded. Any thread.
///
/// A change is told after its commit and before anybody else hears of it. An inbox is read on another thread meanwhile,
/// maybe as it was before the commit: what was told between beginReading() and remember() makes that worth nothing.
/// Whoever looks between the commit and the telling is answered as if before the commit; what was published comes to
/// them live.
class QuietInboxes final
{
public:
    static constexpr qsizetype kMaxUsers = 65'536;

    QuietInboxes() = default;
    Q_DISABLE_COPY_MOVE(QuietInboxes)

    /// The inbox is about to be read; one reading of a user at a time. Ends with remember() or giveUp().
    void beginReading(const QString &user);
    /// The inbox was read, and not known for certain by what was read.
    void giveUp(const QString &user);
    /// The inbox was read.
    void remember(const QString &user, const QStringList &groups, const QuietInbox &inbox);
    /// Something was published, with that sequence.
    void published(const Audience &to, qint64 sequence);
    /// Something was marked as read.
    void forget(const QString &user);
    /// nullopt if nothing is known any more.
    [[nodiscard]] std::optional<QuietInbox> find(const QString &user, const QStringList &groups) const;

private:
    /// A QuietInbox of a user in some groups, in half the room.
    struct Entry
    {
        Entry(const QStringList &groups, const QuietInbox &inbox);
        [[nodiscard]] QuietInbox inbox() const;

        qint64 sequence;
        UtcTime unreadUntil;
        size_t groupsHash; ///< by a seed that nobody outside knows: another list of groups practically never has it
        quint32 quietFor;  ///< sequences
        quint32 unread;
    };
    void forgetLocked(const QString &user);

    mutable std::mutex m_mutex;
    QHash<size_t, Entry> m_entries;   ///< by the hash of the user, likewise: there are many
    QHash<QString, bool> m_beingRead; ///< by user: whether nothing has changed since that began
    QHash<QString, qint64> m_lastOfGroup;
    qint64 m_lastOfAll = 0;
};

} // namespace gatehouse
