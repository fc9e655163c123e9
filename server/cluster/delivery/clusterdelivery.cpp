// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/clusterdelivery.h"

#include "server/base/onthread.h"
#include "server/cluster/delivery/readsignal.h"

namespace gatehouse {

namespace {

ClusterPubSub::Publish publishBy(RedisLink &link)
{
    return onThreadOf(link, [&link](const QByteArray &topic, const QByteArray &payload) {
        link.call({ "PUBLISH", topic, payload }, [](const Result<RedisReply> &) {});
    });
}

StreamReader::Arrived handTo(RedisBus &bus, RedisHistory &history)
{
    return [&bus, &history](StreamBatch batch, std::function<void()> taken) {
        for (const std::vector<Delivery> *deliveries : { &batch.deliveries, &batch.afterMissed }) {
            if (!deliveries->empty())
                history.saw(deliveries->back().sequence); // in order: the last is the largest
        }
        // By a pointer, as what is handed over is copied on its way.
        auto whole = std::make_shared<StreamBatch>(std::move(batch));
        postTo(bus, [&bus, whole, taken = std::move(taken)] { bus.arrived(std::move(*whole), taken); });
    };
}

} // namespace

ClusterDelivery::ClusterDelivery(const QString &run, const Links &links, RedisHistory &history, ChannelControl &channel,
    const RedisClock &clock, Log &log)
    : m_pubSub(run, publishBy(links.data), clock, log)
    , m_bus(channel, m_pubSub, clock)
    , m_reader(links.thread.add(std::make_unique<StreamReader>(links.stream, handTo(m_bus, history), clock, log)))
{
    readsignal::listen(m_pubSub, channel);
    links.subscriber.subscribe(ClusterPubSub::channels(),
        [this](const QByteArray &topic, const QByteArray &payload) { m_pubSub.received(topic, payload); });
    QObject::connect(&links.stream, &RedisLink::up, &m_reader, &StreamReader::linkUp);
}

void ClusterDelivery::addTo(ClusterStats &stats) const
{
    const StreamCounts &read = m_reader.counts();
    stats.streamEntries = read.entries.load(std::memory_order_relaxed);
    stats.refusedEntries = read.refused.load(std::memory_order_relaxed);
    stats.streamGaps = read.missed.load(std::memory_order_relaxed);
    stats.streamBehind = read.behind.load(std::memory_order_relaxed);
    stats.refusedMessages = m_pubSub.refused();
}

void ClusterDelivery::announceRead(const QString &user, const QByteArray &message) const
{
    readsignal::send(m_pubSub, user, message);
}

} // namespace gatehouse
