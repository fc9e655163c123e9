// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QPointer>
#include <QtCore/QTimer>

#include "server/redis/redisconnection.h"
#include "server/redis/redisurl.h"

namespace gatehouse {

/// Asks the Sentinels of a URL, one after the other, where the master is. Whoever answered last is asked first the next
/// time. What they say may be old: ROLE of the server itself decides. One thread; owned by the link.
class MasterFinder final : public QObject
{
    Q_OBJECT
public:
    using Found = std::function<void(const Result<RedisEndpoint> &)>;
    static constexpr std::chrono::milliseconds kDeadline{ 500 }; ///< for each Sentinel

    /// `clock` outlives it.
    MasterFinder(RedisUrl url, const Clock &clock, QObject *parent = nullptr);
    Q_DISABLE_COPY_MOVE(MasterFinder)

    /// Answers once; the error says what the last Sentinel said. One search at a time.
    void find(Found found);
    /// No answer is wanted any more.
    void cancel();

private:
    void askNext();
    void ask();
    void take(const RedisAnswer &answer);
    void failed(const QString &reason);
    void finish(const Result<RedisEndpoint> &result);

    RedisUrl m_url;
    const Clock &m_clock;
    Found m_found;
    size_t m_at = 0; ///< in the URL's list
    size_t m_asked = 0;
    QPointer<RedisConnection> m_connection;
    QTimer m_timer;
};

} // namespace gatehouse
