// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/cluster/cluster.h"
#include "server/cluster/delivery/publishingest.h"
#include "server/cluster/delivery/redisbus.h"
#include "server/cluster/delivery/redishistory.h"
#include "server/metrics/clusterstats.h"
#include "server/notify/publisher.h"

namespace gatehouse {

/// The part of a Cluster that brings notifications to the nodes: the reader of the streams, pub/sub, and what backends
/// append. Made before Cluster::start(); what it puts on the data thread ends with Cluster::stop(). Lives on the main
/// thread.
class ClusterDelivery final
{
public:
    /// All outlive it; `history` is told what has been given out.
    ClusterDelivery(Cluster &cluster, RedisHistory &history, ChannelControl &channel, const Clock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(ClusterDelivery)

    /// Takes what backends append, and publishes it by the script, which lives on the data thread.
    void addIngest(PublishScript &script, Publisher &publisher);

    [[nodiscard]] MessageBus &bus() { return *m_bus; }
    [[nodiscard]] ClusterPubSub &pubSub() { return *m_pubSub; }
    /// Adds what this part counts. Before Cluster::stop().
    void addTo(ClusterStats &stats) const;
    /// Tells a user's connections on other nodes what was read on this one. Any thread.
    void announceRead(const QString &user, const QByteArray &message) const;

private:
    Cluster &m_cluster;
    const Clock &m_clock;
    Log &m_log;
    std::unique_ptr<ClusterPubSub> m_pubSub;
    std::unique_ptr<RedisBus> m_bus;
    const StreamReader *m_reader = nullptr; ///< on the data thread, as the next one
    const PublishIngest *m_ingest = nullptr;
};

} // namespace gatehouse
