// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>

#include <QtCore/QHash>
#include <QtCore/QStringList>

#include "shared/protocol/notification.h"

namespace gatehouse {

/// Remembers for whom nothing is unread, so that most connects need not ask the database. An entry says: up to that sequence, nothing was unread
/// for that user in those groups; it holds until something is published to one of them. Bounded. The store writes it on its thread
/// before a commit; any thread may look.
class EmptyInboxes final
{
public:
    static constexpr qsizetype kMaxUsers = 65'536;

    EmptyInboxes() = default;
    Q_DISABLE_COPY_MOVE(EmptyInboxes)

    /// The inbox was read and nothing was unread.
    void remember(const QString &user, const QStringList &groups, qint64 sequence);
    /// Something is being published, with that sequence.
    void published(const Audience &to, qint64 sequence);
    /// The sequence up to which nothing is unread; nullopt if that is not known.
    [[nodiscard]] std::optional<qint64> find(const QString &user, const QStringList &groups) const;

private:
    struct Entry
    {
        QStringList groups;
        qint64 sequence = 0;
    };
    mutable std::mutex m_mutex;
    QHash<QString, Entry> m_entries;
    QHash<QString, qint64> m_lastOfGroup;
    qint64 m_lastOfAll = 0;
};

} // namespace gatehouse
