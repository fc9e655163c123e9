// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <mutex>

#include <QtCore/QHash>

#include "server/notify/notificationstore.h"

namespace gatehouse {

/// A store in memory that answers at once.
class MemoryStore final : public NotificationStore
{
public:
    void append(std::vector<PublishRequest>, std::function<void(Result<std::vector<StoredNotification>>)> done) override
    {
        done(Error{ QStringLiteral("not used by the channel"), {} });
    }
    void appendOnce(
        PublishKey, QStringList, std::vector<PublishRequest>, std::function<void(Result<KeyedOutcome>)> done) override
    {
        done(Error{ QStringLiteral("not used by the channel"), {} });
    }
    void loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> done) override
    {
        const std::lock_guard lock(m_mutex);
        if (m_fails) {
            done(Error{ QStringLiteral("disk full"), {} });
            return;
        }
        m_queries.push_back(query);
        if (m_isAway || m_isBusy) {
            done(Error{ QStringLiteral("not now"), m_isAway ? kStoreAway : kStoreBusy });
            return;
        }
        if (m_isHolding)
            m_held.push_back(std::move(done));
        else
            done(m_inboxes.value(query.user));
    }
    [[nodiscard]] std::optional<Inbox> knownInbox(const InboxQuery &) const override { return {}; }
    [[nodiscard]] quint32 run() const override { return 7; }
    void markRead(const QString &user, const QStringList &, const QStringList &ids,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override
    {
        const std::lock_guard lock(m_mutex);
        if (m_isBusy) {
            done(Error{ QStringLiteral("not now"), kStoreBusy });
            return;
        }
        Inbox &inbox = m_inboxes[user];
        QStringList wereUnread;
        std::erase_if(inbox.notifications, [&](const StoredNotification &stored) {
            const bool isRead = ids.contains(stored.notification.id);
            if (isRead)
                wereUnread.append(stored.notification.id);
            return isRead;
        });
        inbox.unreadCount = qint64(inbox.notifications.size());
        done(std::pair(wereUnread, inbox.unreadCount));
    }
    void markAllRead(const QString &user, const QStringList &groups,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override
    {
        QStringList ids;
        for (const StoredNotification &stored : inbox(user).notifications)
            ids.append(stored.notification.id);
        markRead(user, groups, ids, std::move(done));
    }

    void put(const QString &user, const Inbox &inbox)
    {
        const std::lock_guard lock(m_mutex);
        m_inboxes.insert(user, inbox);
    }
    [[nodiscard]] Inbox inbox(const QString &user) const
    {
        const std::lock_guard lock(m_mutex);
        return m_inboxes.value(user);
    }
    void failFromNowOn() { m_fails = true; }
    void setAway(bool isAway) { m_isAway = isAway; }
    void setBusy(bool isBusy) { m_isBusy = isBusy; }
    /// Lets whoever loads an inbox wait for answerNext().
    void hold() { m_isHolding = true; }
    /// Loads that wait.
    [[nodiscard]] size_t held() const
    {
        const std::lock_guard lock(m_mutex);
        return m_held.size();
    }
    /// Answers the load that has waited longest.
    void answerNext(const Inbox &inbox)
    {
        std::function<void(Result<Inbox>)> done;
        {
            const std::lock_guard lock(m_mutex);
            done = std::move(m_held.front());
            m_held.pop_front();
        }
        done(inbox);
    }
    [[nodiscard]] std::vector<InboxQuery> queries() const
    {
        const std::lock_guard lock(m_mutex);
        return m_queries;
    }

private:
    mutable std::mutex m_mutex;
    QHash<QString, Inbox> m_inboxes;
    std::vector<InboxQuery> m_queries;
    std::deque<std::function<void(Result<Inbox>)>> m_held;
    std::atomic<bool> m_fails{ false };
    std::atomic<bool> m_isAway{ false };
    std::atomic<bool> m_isBusy{ false };
    std::atomic<bool> m_isHolding{ false };
};

} // namespace gatehouse
