// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/redisbus.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "server/cluster/delivery/ephemeralcodec.h"

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kDeadlineTick{ 50 };

} // namespace

RedisBus::RedisBus(ChannelControl &channel, ClusterPubSub &pubSub, const RedisClock &clock, QObject *parent)
    : QObject(parent)
    , m_channel(channel)
    , m_pubSub(pubSub)
    , m_clock(clock)
{
    m_deadlines.setInterval(kDeadlineTick);
    connect(&m_deadlines, &QTimer::timeout, this, &RedisBus::checkDeadlines);
    m_pubSub.setEphemeralHandler([this](const QByteArray &payload) {
        std::optional<Delivery> delivery = ephemeralcodec::decode(payload, m_pubSub.run());
        if (!delivery)
            return false;
        if (!delivery->message.isEmpty()) // it is not our own
            handToWorkers({ std::move(*delivery) }, {});
        return true;
    });
}

void RedisBus::fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done)
{
    auto waiting = std::make_shared<Waiting>(Waiting{ 0, 0, m_clock.monotonic() + kDeliveryDeadline, std::move(done) });
    std::vector<Delivery> ephemeral;
    std::vector<qint64> stored;
    for (Delivery &delivery : deliveries) {
        if (delivery.sequence == 0)
            ephemeral.push_back(std::move(delivery));
        else
            stored.push_back(delivery.sequence);
    }
    waiting->missing = qint64(stored.size()) + (ephemeral.empty() ? 0 : 1);
    m_byDeadline.push_back(waiting);
    if (!m_deadlines.isActive())
        m_deadlines.start();
    if (!ephemeral.empty()) {
        for (const Delivery &delivery : ephemeral)
            m_pubSub.publishEphemeral(ephemeralcodec::encode(delivery, m_pubSub.run()));
        handToWorkers(std::move(ephemeral), [this, waiting](const std::vector<qint64> &reached) {
            settle(waiting, std::accumulate(reached.begin(), reached.end(), qint64(0)));
        });
    }
    for (const qint64 sequence : stored) {
        if (const std::optional<qint64> count = known(sequence)) // the stream was faster
            settle(waiting, *count);
        else
            m_waiting.emplace(sequence, waiting);
    }
}

void RedisBus::arrived(StreamBatch batch, const std::function<void()> &taken)
{
    auto parts = std::make_shared<int>(3); // whichever is the last
    const auto partDone = [parts, taken] {
        if (--*parts == 0)
            taken();
    };
    deliver(std::move(batch.deliveries), partDone);
    if (batch.missedAfter)
        m_channel.catchUp(*batch.missedAfter, kCatchUpWindow);
    deliver(std::move(batch.afterMissed), partDone);
    partDone();
}

void RedisBus::deliver(std::vector<Delivery> deliveries, std::function<void()> delivered)
{
    if (deliveries.empty()) {
        delivered();
        return;
    }
    std::vector<qint64> sequences;
    sequences.reserve(deliveries.size());
    for (const Delivery &delivery : deliveries)
        sequences.push_back(delivery.sequence);
    handToWorkers(std::move(deliveries),
        [this, sequences = std::move(sequences), delivered = std::move(delivered)](const std::vector<qint64> &counts) {
            for (size_t i = 0; i < sequences.size(); ++i)
                reached(sequences[i], counts[i]);
            delivered();
        });
}

void RedisBus::handToWorkers(
    std::vector<Delivery> deliveries, std::function<void(const std::vector<qint64> &reached)> done)
{
    for (Delivery &delivery : deliveries) {
        if (delivery.expiresAt)
            delivery.expiresAt = m_clock.toOwn(*delivery.expiresAt);
    }
    m_channel.deliver(std::move(deliveries), std::move(done));
}

void RedisBus::reached(qint64 sequence, qint64 connections)
{
    const auto place = std::upper_bound(m_reached.begin(), m_reached.end(), std::pair(sequence, qint64(0)),
        [](const auto &one, const auto &other) { return one.first < other.first; });
    m_reached.insert(place, { sequence, connections });
    if (m_reached.size() > kRemembered)
        m_reached.pop_front();
    const auto [first, end] = m_waiting.equal_range(sequence);
    std::vector<std::shared_ptr<Waiting>> settled;
    for (auto waiting = first; waiting != end; ++waiting)
        settled.push_back(waiting->second);
    m_waiting.erase(first, end);
    for (const std::shared_ptr<Waiting> &waiting : settled)
        settle(waiting, connections);
}

void RedisBus::settle(const std::shared_ptr<Waiting> &waiting, qint64 reached)
{
    waiting->reached += reached;
    if (--waiting->missing == 0 && waiting->done)
        std::exchange(waiting->done, nullptr)(waiting->reached);
}

std::optional<qint64> RedisBus::known(qint64 sequence) const
{
    const auto place = std::lower_bound(m_reached.begin(), m_reached.end(), sequence,
        [](const auto &one, qint64 wanted) { return one.first < wanted; });
    if (place == m_reached.end() || place->first != sequence)
        return std::nullopt;
    return place->second;
}

void RedisBus::checkDeadlines()
{
    const MonoTime now = m_clock.monotonic();
    while (!m_byDeadline.empty() && (m_byDeadline.front()->deadline <= now || !m_byDeadline.front()->done)) {
        const std::shared_ptr<Waiting> waiting = m_byDeadline.front();
        m_byDeadline.pop_front();
        if (!waiting->done)
            continue;
        std::erase_if(m_waiting, [&waiting](const auto &one) { return one.second == waiting; });
        std::exchange(waiting->done, nullptr)(waiting->reached);
    }
    if (m_byDeadline.empty())
        m_deadlines.stop();
}

} // namespace gatehouse
