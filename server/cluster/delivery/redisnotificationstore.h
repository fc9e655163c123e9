// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include <QtCore/QObject>

#include "server/cluster/delivery/inboxturns.h"
#include "server/cluster/delivery/publishscript.h"
#include "server/notify/notificationstore.h"

namespace gatehouse {

/// The NotificationStore that the nodes of a cluster share, in Redis: it behaves as the embedded one. Callable from any
/// thread; the work is posted to the thread of `context`, which is that of the history's calls, and callbacks run
/// there.
///
/// While Redis is away every call is answered at once with an error whose field is kStoreAway. An append with such an
/// error may have been carried out: only a key tells.
class RedisNotificationStore final : public NotificationStore
{
public:
    /// All outlive it, but for `context` if detach() is called before it is destroyed.
    RedisNotificationStore(
        RedisHistory &history, PublishScript &publish, QObject &context, const Clock &clock, Log &log);

    /// From now on the store is away. Any thread.
    void detach();

    void append(std::vector<PublishRequest> requests,
        std::function<void(Result<std::vector<StoredNotification>>)> done) override;
    void appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
        std::function<void(Result<KeyedOutcome>)> done) override;
    void loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> done) override;
    /// Always asks: other nodes publish too.
    [[nodiscard]] std::optional<Inbox> knownInbox(const InboxQuery &) const override { return std::nullopt; }
    [[nodiscard]] quint32 run() const override { return m_history.mark(); }
    void markRead(const QString &user, const QStringList &groups, const QStringList &ids,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override;
    void markAllRead(const QString &user, const QStringList &groups,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override;

private:
    using MarkDone = std::function<void(Result<std::pair<QStringList, qint64>>)>;

    /// Has `work` done on the context's thread; without one, `refuse` is called at once.
    void post(std::function<void()> work, const std::function<void(const Error &)> &refuse);
    void publish(RedisPublish publish, PublishScript::Done done);
    void mark(const QString &user, const QStringList &groups, const std::optional<QStringList> &ids, MarkDone done);
    /// The error that a caller gets, logged unless Redis is merely away.
    [[nodiscard]] Error failed(const Error &error);

    RedisHistory &m_history;
    InboxTurns m_turns; ///< on the context's thread
    PublishScript &m_publish;
    std::mutex m_mutex; ///< guards the next one
    QObject *m_context; ///< null once it is detached
    const Clock &m_clock;
    Log &m_log;
    MonoTime m_loggedAt{}; ///< of a refusal: one a second is enough
};

} // namespace gatehouse
