// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>

#include <QtCore/QTimer>

#include "server/base/eventthread.h"
#include "server/notify/sqlitenotificationstore.h"
#include "server/redis/redislink.h"

namespace gatehouse {

/// Reads everything that the inboxes of a cluster hold: what is there, for whom, who has read it, who is known. Gives
/// it away in the order of publishing, a portion at a time. Begins anew whenever the link comes up, until all was given
/// away. Lives on the link's thread.
class InboxCollector final : public QObject
{
    Q_OBJECT
public:
    using Users = std::vector<std::pair<qint64, QString>>;
    /// Told where each notification of the portion is now; later, from any turn of this thread.
    using Taken = std::function<void(const Result<std::vector<qint64>> &)>;
    struct Handlers
    {
        std::function<void(std::vector<HeldNotification>, Taken)> take; ///< at most kPortion
        std::function<void(Users)> end; ///< who is known since which place among those; nothing follows
    };
    static constexpr qsizetype kPortion = 50;

    /// All outlive it.
    InboxCollector(RedisCalls &calls, const Clock &clock, Log &log, Handlers handlers);

    void linkUp();

private:
    struct Entry
    {
        qint64 expires = 0; ///< ms since the epoch, 0: never
        QByteArrayList targets;
        QStringList readers;
    };
    void scan(const QByteArray &pattern, const QByteArray &cursor, std::function<void(const QByteArrayList &)> found,
        std::function<void()> then);
    void readInboxes();
    void readMarks();
    void readUsers();
    void readContents();
    void give(const std::vector<qint64> &sequences, const RedisReply &contents);
    void taken(const std::vector<qint64> &sequences, const std::vector<qint64> &here);
    void finish();
    void failed(const Error &error);
    /// A callback that does nothing once the link has come up anew.
    template <typename F> [[nodiscard]] auto ofThisTry(F callback);

    RedisCalls &m_calls;
    const Clock &m_clock;
    Log &m_log;
    Handlers m_handlers;
    QTimer m_retry;
    quint64 m_try = 0;
    bool m_isDone = false;
    std::map<qint64, Entry> m_entries; ///< by sequence; those that have not been given away
    Users m_users;                     ///< by sequence in the cluster
    std::map<qint64, qint64> m_places; ///< up to which one here, by sequence in the cluster
    qint64 m_highest = 0;
};

/// Takes the inboxes of a cluster back into the state file, for a server that was a node and is alone now. Each
/// notification is recognised by its id, so that it comes once, however often that begins anew. Lives on the main
/// thread; reads on a thread of its own, which ends with it.
class InboxReturn final
{
public:
    struct Ended
    {
        qint64 notifications = 0;       ///< that the state file did not have
        std::optional<Cursor> before{}; ///< after which they are
    };

    /// All outlive it; `anchor`, an object of the main thread, the store too. `ended` is called on the main thread,
    /// once, when everything is there.
    InboxReturn(const RedisUrl &url, const QString &node, SqliteNotificationStore &store, const Clock &clock, Log &log,
        QObject &anchor, std::function<void(const Ended &)> ended);
    ~InboxReturn();
    Q_DISABLE_COPY_MOVE(InboxReturn)

private:
    void take(const std::vector<HeldNotification> &held, const InboxCollector::Taken &taken);
    void end(const InboxCollector::Users &users);

    QObject &m_anchor;
    QObject m_context; ///< gone when nobody waits for the store any more
    SqliteNotificationStore &m_store;
    std::function<void(const Ended &)> m_ended;
    Ended m_result;
    EventThread m_thread;
    RedisLink &m_link;
    InboxCollector &m_collector;
};

} // namespace gatehouse
