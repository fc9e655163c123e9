// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/clusterdelivery.h"

#include <QtCore/QPointer>

#include "server/cluster/delivery/readsignal.h"

namespace gatehouse {

ClusterDelivery::ClusterDelivery(
    Cluster &cluster, RedisHistory &history, ChannelControl &channel, const Clock &clock, Log &log)
    : m_cluster(cluster)
    , m_clock(clock)
    , m_log(log)
{
    RedisLink &data = cluster.dataLink();
    m_pubSub = std::make_unique<ClusterPubSub>(
        cluster.identity().run,
        [&data](const QByteArray &topic, const QByteArray &payload) {
            QMetaObject::invokeMethod(
                &data,
                [&data, topic, payload] {
                    data.call({ "PUBLISH", topic, payload }, [](const Result<RedisReply> &) {});
                },
                Qt::QueuedConnection);
        },
        clock, log);
    m_bus = std::make_unique<RedisBus>(channel, *m_pubSub, clock);
    readsignal::listen(*m_pubSub, channel);
    cluster.addLink(cluster.dataThread(), "subscriber")
        .subscribe(
            ClusterPubSub::channels(), [pubSub = m_pubSub.get()](const QByteArray &topic, const QByteArray &payload) {
                pubSub->received(topic, payload);
            });

    const auto arrived = [bus = m_bus.get(), &history](StreamBatch batch, std::function<void()> taken) {
        for (const std::vector<Delivery> *deliveries : { &batch.deliveries, &batch.afterMissed }) {
            if (!deliveries->empty())
                history.saw(deliveries->back().sequence); // in order: the last is the largest
        }
        auto shared = std::make_shared<StreamBatch>(std::move(batch));
        QMetaObject::invokeMethod(
            bus, [bus, shared, taken = std::move(taken)] { bus->arrived(std::move(*shared), taken); },
            Qt::QueuedConnection);
    };
    StreamReader &reader
        = cluster.dataThread().add(std::make_unique<StreamReader>(cluster.streamLink(), arrived, clock, log));
    QObject::connect(&cluster.streamLink(), &RedisLink::up, &reader, &StreamReader::linkUp);
    m_reader = &reader;
}

void ClusterDelivery::addIngest(PublishScript &script, Publisher &publisher)
{
    RedisLink &waiting = m_cluster.addLink(m_cluster.dataThread(), "ingest");
    const auto published = [&publisher](qint64 stored, const std::vector<PublishRequest> &ephemeral) {
        QMetaObject::invokeMethod(
            &publisher, [&publisher, stored, ephemeral] { publisher.ingested(stored, ephemeral); },
            Qt::QueuedConnection);
    };
    PublishIngest &ingest = m_cluster.dataThread().add(
        std::make_unique<PublishIngest>(waiting, script, m_cluster.identity().run, published, m_clock, m_log));
    QObject::connect(&waiting, &RedisLink::up, &ingest, &PublishIngest::linkUp);
    m_ingest = &ingest;
}

void ClusterDelivery::addTo(ClusterStats &stats) const
{
    const StreamCounts &read = m_reader->counts();
    stats.streamEntries = read.entries.load(std::memory_order_relaxed);
    stats.refusedEntries = read.refused.load(std::memory_order_relaxed);
    stats.streamGaps = read.missed.load(std::memory_order_relaxed);
    stats.streamBehind = read.behind.load(std::memory_order_relaxed);
    if (m_ingest) {
        stats.ingested = m_ingest->taken();
        stats.refusedIngests = m_ingest->refused();
    }
    stats.refusedMessages = m_pubSub->refused();
}

void ClusterDelivery::announceRead(const QString &user, const QByteArray &message) const
{
    readsignal::send(*m_pubSub, user, message);
}

} // namespace gatehouse
