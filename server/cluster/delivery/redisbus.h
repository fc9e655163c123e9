// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <memory>

#include <QtCore/QTimer>

#include "server/cluster/delivery/clusterpubsub.h"
#include "server/cluster/delivery/streamreader.h"
#include "server/notify/messagebus.h"
#include "server/redis/redisclock.h"

namespace gatehouse {

/// The bus of a node. What is stored reaches every node by the streams, this one included, so that all are delivered in
/// one order; what is ephemeral is delivered here at once, and told to the others. When a notification ends is told by
/// Redis' clock, and handed to the workers by this machine's. Lives on the main thread.
class RedisBus final : public QObject, public MessageBus
{
    Q_OBJECT
public:
    /// How long a publish waits for its delivery here. Then it is answered with what has been reached.
    static constexpr std::chrono::milliseconds kDeliveryDeadline{ 250 };
    /// Over which the lists of what was missed are spread.
    static constexpr std::chrono::milliseconds kCatchUpWindow{ 5000 };
    static constexpr size_t kRemembered = 16'384; ///< deliveries of which it knows how many they reached

    /// All outlive it.
    RedisBus(ChannelControl &channel, ClusterPubSub &pubSub, const RedisClock &clock, QObject *parent = nullptr);

    void fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done) override;
    /// What a StreamReader has read; `taken` is called when the workers have it.
    void arrived(StreamBatch batch, const std::function<void()> &taken);
    /// Answers those who have waited long enough. Called by a timer while somebody waits.
    void checkDeadlines();

private:
    /// A publish that has been stored.
    struct Waiting
    {
        qint64 reached = 0;
        qint64 missing = 0; ///< how many of its notifications are still to come
        MonoTime deadline;
        std::function<void(qint64)> done; ///< null once it was called
    };
    void deliver(std::vector<Delivery> deliveries, std::function<void()> delivered);
    void handToWorkers(std::vector<Delivery> deliveries, std::function<void(const std::vector<qint64> &reached)> done);
    void reached(qint64 sequence, qint64 connections);
    void settle(const std::shared_ptr<Waiting> &waiting, qint64 reached);
    [[nodiscard]] std::optional<qint64> known(qint64 sequence) const;

    ChannelControl &m_channel;
    ClusterPubSub &m_pubSub;
    const RedisClock &m_clock;
    QTimer m_deadlines;
    std::multimap<qint64, std::shared_ptr<Waiting>> m_waiting; ///< by sequence
    std::deque<std::shared_ptr<Waiting>> m_byDeadline;         ///< answered ones too, until their time has come
    std::deque<std::pair<qint64, qint64>> m_reached;           ///< what the newest reached, by sequence
};

} // namespace gatehouse
