// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/base/eventthread.h"
#include "server/cluster/delivery/redisbus.h"
#include "server/cluster/delivery/redishistory.h"
#include "server/metrics/clusterstats.h"
#include "server/redis/redislink.h"

namespace gatehouse {

/// What brings notifications to a node's clients: the reader of the streams, pub/sub, and the bus. Lives on the main
/// thread; the reader ends with the thread of its links, and is not asked after that.
class ClusterDelivery final
{
public:
    /// They live on `thread`, and have not connected yet.
    struct Links
    {
        EventThread &thread;
        RedisLink &data;
        RedisLink &stream;
        RedisLink &subscriber;
    };
    /// `run` is this node's. All outlive it, but for the links and `history`, which is told there what has been given
    /// out: they end with the thread.
    ClusterDelivery(const QString &run, const Links &links, RedisHistory &history, ChannelControl &channel,
        const RedisClock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(ClusterDelivery)

    [[nodiscard]] MessageBus &bus() { return m_bus; }
    [[nodiscard]] ClusterPubSub &pubSub() { return m_pubSub; }
    /// Adds what this part counts. Before the thread has ended.
    void addTo(ClusterStats &stats) const;
    /// Tells a user's connections on other nodes what was read on this one. Any thread.
    void announceRead(const QString &user, const QByteArray &message) const;

private:
    ClusterPubSub m_pubSub;
    RedisBus m_bus;
    const StreamReader &m_reader; ///< on the thread of the links
};

} // namespace gatehouse
