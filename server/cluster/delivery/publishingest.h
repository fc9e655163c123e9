// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/cluster/delivery/publishscript.h"
#include "server/log/log.h"
#include "server/log/logpause.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// Takes what backends append to `gatehouse:publish`, by a link of its own, and publishes it. Redis hands each entry to
/// one node of the consumer group; what a node leaves undone for kClaimAfter is given to another. The publish script
/// takes the entry away in the same moment, so that each is published once, whoever tries. What cannot be published
/// goes to `gatehouse:publish:refused` with the reason. Lives on the link's thread.
class PublishIngest final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kBlock{ 2000 };
    static constexpr std::chrono::milliseconds kRetry{ 1000 };
    static constexpr std::chrono::milliseconds kClaimAfter{ 10'000 };
    static constexpr std::chrono::milliseconds kClaimEvery{ 5000 };
    static constexpr int kMostEntries = 16; ///< at once, of up to 1 MiB each

    /// Gets what was published: how many were stored, and those that are ephemeral and still to be sent. On this
    /// thread.
    using Published = std::function<void(qint64 stored, std::vector<PublishRequest> ephemeral)>;

    /// `waiting` is the link that this object blocks; `run` the node's. All outlive it.
    PublishIngest(RedisCalls &waiting, PublishScript &script, const QString &run, Published published,
        const Clock &clock, Log &log, QObject *parent = nullptr);

    /// The link has come up.
    void linkUp();

    /// Entries that were published, and that were refused. Any thread.
    [[nodiscard]] qint64 taken() const { return m_taken.load(std::memory_order_relaxed); }
    [[nodiscard]] qint64 refused() const { return m_refused.load(std::memory_order_relaxed); }

private:
    void join();
    void next();
    void claim();
    void readNew();
    void handle(const std::vector<RedisReply> &entries);
    void publish(const QByteArray &id, std::vector<PublishRequest> requests);
    void refuse(const QByteArray &id, const Error &why, const QByteArray &content);
    void oneDone();
    void failed(const Error &error);
    void sayRefused(const QByteArray &id, const QString &why);
    /// A callback that does nothing once the link has come up anew.
    template <typename F> [[nodiscard]] auto ofThisLink(F callback);

    RedisCalls &m_waiting;
    PublishScript &m_script;
    QByteArray m_run;
    Published m_published;
    const Clock &m_clock;
    Log &m_log;
    QTimer m_retry;
    quint64 m_connection = 0;
    int m_unanswered = 0; ///< entries that were handed on
    std::optional<MonoTime> m_claimedAt;
    QByteArray m_claimFrom = "0-0";
    LogPause m_pause;
    std::atomic<qint64> m_taken{ 0 };
    std::atomic<qint64> m_refused{ 0 };
};

} // namespace gatehouse
