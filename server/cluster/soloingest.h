// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QPointer>

#include "server/base/eventthread.h"
#include "server/base/nodeidentity.h"
#include "server/cluster/delivery/publishingest.h"
#include "server/metrics/ingeststats.h"
#include "server/notify/publisher.h"
#include "server/redis/redislink.h"

namespace gatehouse {

/// Publishes what backends append to `gatehouse:publish` in a Redis (INGEST_REDIS_URL), for a server that is alone: its
/// inboxes are in its state file. An entry is stored there together with its id, and taken out of Redis after that: it
/// is never lost, and one that comes again, because the server or Redis died in between, is recognised for as long as
/// an Idempotency-Key. Lives on the main thread; works on a thread of its own, which ends with it.
class SoloIngest final
{
public:
    /// All outlive it.
    SoloIngest(const RedisUrl &url, const NodeIdentity &self, Publisher &publisher, const Clock &clock, Log &log);
    ~SoloIngest();
    Q_DISABLE_COPY_MOVE(SoloIngest)

    [[nodiscard]] IngestStats stats() const;

private:
    void publish(IngestEntry entry, const std::vector<RedisReply> &fields, const PublishIngest::Done &done);
    void take(const QByteArray &group, const QByteArray &id, const std::function<void(const Result<qint64> &)> &done);
    void sayNotTaken(const Error &error);

    QObject m_context;
    const QPointer<QObject> m_alive{ &m_context }; ///< null when nobody waits for what is stored any more
    Publisher &m_publisher;
    const Clock &m_clock;
    Log &m_log;
    LogPause m_pause; ///< of the thread below
    EventThread m_thread;
    RedisLink &m_link;
    PublishIngest &m_ingest;
    std::atomic<bool> m_isUp{ false };
};

} // namespace gatehouse
