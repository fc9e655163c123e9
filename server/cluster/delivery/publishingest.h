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

/// One entry of `gatehouse:publish` that is to be published. A plain value.
struct IngestEntry
{
    QByteArray id;
    QByteArray group;                     ///< which it was handed to: it is acknowledged there
    std::vector<PublishRequest> requests; ///< to be stored: no ephemeral ones; may be none
};

/// Takes what backends append to `gatehouse:publish`, by a link of its own, and has it published. Redis hands each
/// entry to one reader of the consumer group; what one leaves undone for kClaimAfter is given to another. So an entry
/// may come more than once: whoever publishes sees to it that it is published once, and takes it away. What cannot be
/// published goes to `gatehouse:publish:refused` with the reason. Lives on the link's thread.
class PublishIngest final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kBlock{ 2000 };
    static constexpr std::chrono::milliseconds kRetry{ 1000 };
    static constexpr std::chrono::milliseconds kClaimAfter{ 10'000 };
    static constexpr std::chrono::milliseconds kClaimEvery{ 5000 };
    static constexpr int kMostEntries = 16; ///< at once, of up to 1 MiB each

    /// Whether the entry has been published now (not before, by another one).
    using Done = std::function<void(const Result<bool> &)>;
    /// Publishes an entry and takes it out of Redis; answers on this thread. An entry that was answered with an error
    /// comes again. `fields` are names and values as they stand in Redis.
    using Publish = std::function<void(IngestEntry entry, const std::vector<RedisReply> &fields, Done done)>;
    /// Gets what was published: how many were stored, and those that are ephemeral and still to be sent. On this
    /// thread.
    using Published = std::function<void(qint64 stored, std::vector<PublishRequest> ephemeral)>;

    /// Where the inboxes are in the same Redis: all at once, so that each entry is published once, however many nodes
    /// try. `script` outlives what is returned.
    [[nodiscard]] static Publish by(PublishScript &script);

    /// `waiting` is the link that this object blocks; `run` the reader's. All outlive it.
    PublishIngest(RedisCalls &waiting, Publish publish, const QString &run, Published published, const Clock &clock,
        Log &log, QObject *parent = nullptr);

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
    void publish(const RedisReply &entry, std::vector<PublishRequest> requests);
    void refuse(const QByteArray &id, const Error &why, const QByteArray &content);
    void publishFailed(const Error &error);
    void oneDone();
    void failed(const Error &error);
    void sayRefused(const QByteArray &id, const QString &why);
    /// A callback that does nothing once the link has come up anew.
    template <typename F> [[nodiscard]] auto ofThisLink(F callback);

    RedisCalls &m_waiting;
    Publish m_publish;
    QByteArray m_run;
    Published m_published;
    const Clock &m_clock;
    Log &m_log;
    QTimer m_retry;
    quint64 m_connection = 0;
    int m_unanswered = 0;     ///< entries that were handed on
    bool m_hasFailed = false; ///< one of them could not be published
    std::optional<MonoTime> m_claimedAt;
    QByteArray m_claimFrom = "0-0";
    LogPause m_waitsPause; ///< one of each event: none of them hides another
    LogPause m_failsPause;
    LogPause m_refusedPause;
    std::atomic<qint64> m_taken{ 0 };
    std::atomic<qint64> m_refused{ 0 };
};

} // namespace gatehouse
