// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>

#include "server/cluster/delivery/redishistory.h"
#include "server/log/logpause.h"
#include "server/notify/inboxhandover.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// Brings the inboxes of this node's state file into the cluster, when it has first become a node: notifications with
/// their ids, times and audiences, who has read them, and who is known. In portions, in their order; Redis remembers in
/// the same moment how far it has come, so that each comes once however often the node is killed meanwhile. What has
/// come already costs one question at each start. The state file keeps what it has. Lives on the main thread.
class InboxMove final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kRetry{ 1000 };
    static constexpr qint64 kMostInPortion = 500; ///< targets and readers together

    /// `link` is that of the history; `anchor` an object of the main thread. All outlive it, but for the link's thread,
    /// which may end before.
    InboxMove(StoreThread &store, RedisHistory &history, QObject &link, const Clock &clock, Log &log, QObject &anchor);
    Q_DISABLE_COPY_MOVE(InboxMove)

    /// Begins, or goes on: the link has come up.
    void start();

Q_SIGNALS:
    /// Everything is there: what was new came after this sequence of this run. Not when nothing was.
    void brought(quint32 run, qint64 after);
    /// Everything is there, new or not.
    void done();

private:
    using Users = std::vector<std::pair<qint64, QString>>;
    void readStart();
    void readPortion();
    void send(const std::vector<HeldNotification> &portion);
    void answered(const Result<RedisReply> &reply, bool isEnd);
    void ask(const QByteArrayList &events, bool isEnd = false);
    [[nodiscard]] bool takeUsers(QByteArrayList &events, qint64 before);
    void failed(const Error &error);
    void finish();

    StoreThread &m_store;
    RedisHistory &m_history;
    QObject &m_link;
    const Clock &m_clock;
    Log &m_log;
    QObject &m_anchor;
    QTimer m_retry;
    QByteArray m_origin;
    LogPause m_pause;
    Users m_users; ///< who has not come yet, those who are known for longest first
    size_t m_nextUser = 0;
    qint64 m_reached = 0;   ///< of the state file
    qint64 m_complete = -1; ///< up to there with all who are known; -1: never
    std::optional<Cursor> m_before;
    qint64 m_count = 0;
    bool m_isNewThere = false; ///< that Redis has never had all of this state file
    bool m_isBusy = false;
    bool m_isDone = false;
};

} // namespace gatehouse
