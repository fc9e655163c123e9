// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <QtCore/QThread>

#include "server/base/latencyhistogram.h"
#include "server/channel/channelshard.h"

namespace gatehouse {

/// All workers: their threads, who takes which connection, and the main thread's view of the open connections. Lives on
/// the main thread.
class WorkerPool final : public QObject, public ChannelControl
{
    Q_OBJECT
public:
    /// Starts `count` workers. The environments' contents outlive the pool.
    WorkerPool(int count, const ConnectionLoopEnvironment &workerEnvironment,
        const ChannelEnvironment &channelEnvironment, LimitSnapshotPtr snapshot);
    /// Stops listening, drops what is still open and ends the threads.
    ~WorkerPool() override;
    Q_DISABLE_COPY_MOVE(WorkerPool)

    /// Accepts on the socket, which must outlive the pool or endSessions().
    void listen(const ListenSocket &socket, ListenScope scope);
    /// Stops listening and closes every session, consoles' too: from then on no client makes work any more. What is
    /// being answered by HTTP still is.
    void endSessions();
    /// Accepts nobody any more. Who is connected is served, but for HTTP connections between two requests: they end.
    void stopListening();
    /// How many HTTP connections are owed something.
    void countUnanswered(std::function<void(qint64)> done);
    /// Closes every client (not the consoles) with 1012, spread over what they need and `longest` at most; `done` is
    /// called when none is left to close.
    void drain(std::chrono::milliseconds longest, std::function<void()> done);
    /// Closes every connection with a code; `done` is called when all workers have done so.
    void closeAll(CloseCode code, const QByteArray &reason, std::function<void()> done);

    /// Ends the live streams of those who have lost a right because these are the administrators now.
    void applyAdminUsers(const QStringList &adminUsers);
    /// `done` is called when every worker's event loop has turned.
    void ping(std::function<void()> done);
    /// Each client; one may be there more than once.
    void listClients(std::function<void(ClientCounts)> done);

    [[nodiscard]] std::vector<const WorkerCounters *> counters() const;
    /// Clients that are connected.
    [[nodiscard]] qint64 activeConnections() const;
    /// What the workers hold for their clients.
    [[nodiscard]] qint64 heldBytes(MemoryHolder holder) const;
    /// Cuts slow consumers until about so many bytes of queues are given up; each worker its share of them.
    void cutSlowConsumers(qint64 bytes);
    /// From each deliver() to the last worker's answer.
    [[nodiscard]] const LatencyHistogram &fanoutTimes() const { return m_fanoutTimes; }

    void deliver(
        std::vector<Delivery> deliveries, std::function<void(const std::vector<qint64> &reached)> done) override;
    void catchUp(Cursor after, std::chrono::milliseconds window) override;
    void announceRead(const QString &user, const QByteArray &message, const QString &exceptConnection) override;
    void applyLimits(LimitSnapshotPtr snapshot, std::function<void()> done) override;
    void applyAccess(AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done) override;
    void listConnections(std::function<void(std::vector<ConnectionInfo>)> done) override;
    void kick(const QString &connectionId, std::function<void(bool)> done) override;
    [[nodiscard]] bool isWatched(ConsoleTopic topic) const override { return m_audience[size_t(topic)] > 0; }
    void sendToConsoles(ConsoleTopic topic, const QByteArray &message) override;

private:
    /// A thread and what lives on it: the connections, and the part of the channel that they are of. Both are created
    /// and destroyed there.
    struct Worker
    {
        QThread thread;
        WorkerCounters counters;
        std::unique_ptr<ConnectionLoop> loop;
        std::unique_ptr<ChannelShard> shard;
    };
    template <typename T> void gather(std::function<T(ChannelShard &)> ask, std::function<void(std::vector<T>)> done);
    void drainAll(std::chrono::milliseconds window, std::function<void()> done);
    void onEachWorker(const std::function<void(Worker &)> &work);
    [[nodiscard]] size_t placement();

    const Clock &m_clock;
    const QString m_nodeTag;
    LatencyHistogram m_fanoutTimes;
    ConsoleAudience m_audience{};
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::atomic<size_t> m_nextWorker{ 0 };
};

} // namespace gatehouse
