// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/workerpool.h"

#include <algorithm>
#include <numeric>

#include "server/base/onthread.h"
#include "server/channel/connectionid.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxImbalance = 8; // connections that a worker may have more than the one with the fewest

} // namespace

WorkerPool::WorkerPool(int count, const ConnectionLoopEnvironment &workerEnvironment,
    const ChannelEnvironment &channelEnvironment, LimitSnapshotPtr snapshot)
    : m_clock(*workerEnvironment.clock)
    , m_nodeTag(channelEnvironment.nodeTag)
{
    for (int index = 0; index < count; ++index) {
        m_workers.push_back(std::make_unique<Worker>());
        Worker &worker = *m_workers.back();
        worker.thread.setObjectName(u"worker-%1"_s.arg(index));
        worker.thread.start();
        runOn(worker.thread, [&, index] {
            worker.loop = std::make_unique<ConnectionLoop>(workerEnvironment);
            worker.shard = std::make_unique<ChannelShard>(
                index, *worker.loop, channelEnvironment, snapshot, worker.counters, m_audience);
        });
    }
}

WorkerPool::~WorkerPool()
{
    // All connections end before the first worker does: what a client says is passed on to every other.
    endSessions();
    onEachWorker([](Worker &worker) { worker.loop->closeAll(); });
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        runOn(worker->thread, [&worker] {
            worker->loop->closeAll();
            worker->shard.reset();
            worker->loop.reset();
        });
        worker->thread.quit();
        worker->thread.wait();
    }
}

void WorkerPool::onEachWorker(const std::function<void(Worker &)> &work)
{
    for (const std::unique_ptr<Worker> &worker : m_workers)
        runOn(*worker->loop, [&work, &worker] { work(*worker); });
}

size_t WorkerPool::placement()
{
    const size_t candidate = m_nextWorker.fetch_add(1, std::memory_order_relaxed) % m_workers.size();
    const auto load
        = [this](size_t i) { return m_workers[i]->counters.activeConnections.load(std::memory_order_relaxed); };
    size_t lightest = candidate;
    for (size_t i = 0; i < m_workers.size(); ++i) {
        if (load(i) < load(lightest))
            lightest = i;
    }
    return load(candidate) > load(lightest) + kMaxImbalance ? lightest : candidate;
}

void WorkerPool::listen(const ListenSocket &socket, ListenScope scope)
{
    onEachWorker([this, &socket, scope](Worker &worker) {
        worker.loop->listen(socket, scope, [this, &worker](const AcceptedSocket &accepted, ListenScope acceptedScope) {
            Worker &target = *m_workers[placement()];
            if (&target == &worker) {
                worker.loop->adopt(accepted, acceptedScope);
                return;
            }
            postTo(*target.loop, [&target, accepted, acceptedScope] { target.loop->adopt(accepted, acceptedScope); });
        });
    });
}

void WorkerPool::endSessions()
{
    onEachWorker([](Worker &worker) {
        worker.loop->stopListening();
        worker.shard->end();
    });
}

void WorkerPool::stopListening()
{
    onEachWorker([](Worker &worker) {
        worker.loop->stopListening();
        worker.loop->closeIdle();
    });
}

void WorkerPool::countUnanswered(std::function<void(qint64)> done)
{
    gather<qint64>([](ChannelShard &channel) { return channel.unansweredRequests(); },
        [done = std::move(done)](
            const std::vector<qint64> &counts) { done(std::accumulate(counts.begin(), counts.end(), qint64(0))); });
}

void WorkerPool::drain(std::chrono::milliseconds longest, std::function<void()> done)
{
    // The next server listens when the last worker is done: all spread their clients over the time of the fullest.
    gather<qint64>([](ChannelShard &channel) { return channel.clientCount(); },
        [this, longest, done = std::move(done)](const std::vector<qint64> &counts) {
            drainAll(DrainPlan::windowOf(*std::max_element(counts.begin(), counts.end()), longest), done);
        });
}

void WorkerPool::drainAll(std::chrono::milliseconds window, std::function<void()> done)
{
    auto missing = std::make_shared<size_t>(m_workers.size());
    const auto shardDone = onThreadOf(*this, [missing, done = std::move(done)] {
        if (--*missing == 0)
            done();
    });
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        ChannelShard *shard = worker->shard.get();
        postTo(*shard, [shard, window, shardDone] { shard->drain(window, shardDone); });
    }
}

template <typename T>
void WorkerPool::gather(std::function<T(ChannelShard &)> ask, std::function<void(std::vector<T>)> done)
{
    struct Answers
    {
        std::vector<T> values;
        size_t missing;
        std::function<void(std::vector<T>)> done;
    };
    auto answers = std::make_shared<Answers>(Answers{ {}, m_workers.size(), std::move(done) });
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        ChannelShard *shard = worker->shard.get();
        postTo(*shard, [this, shard, ask, answers] {
            postTo(*this, [answer = ask(*shard), answers]() mutable {
                answers->values.push_back(std::move(answer));
                if (--answers->missing == 0)
                    answers->done(std::move(answers->values));
            });
        });
    }
}

void WorkerPool::closeAll(CloseCode code, const QByteArray &reason, std::function<void()> done)
{
    gather<int>(
        [code, reason](ChannelShard &channel) {
            channel.closeAll(code, reason);
            return 0;
        },
        [done = std::move(done)](const std::vector<int> &) { done(); });
}

std::vector<const WorkerCounters *> WorkerPool::counters() const
{
    std::vector<const WorkerCounters *> result;
    for (const std::unique_ptr<Worker> &worker : m_workers)
        result.push_back(&worker->counters);
    return result;
}

qint64 WorkerPool::activeConnections() const
{
    return std::accumulate(
        m_workers.begin(), m_workers.end(), qint64(0), [](qint64 sum, const std::unique_ptr<Worker> &worker) {
            return sum + worker->counters.activeConnections.load(std::memory_order_relaxed);
        });
}

qint64 WorkerPool::heldBytes(MemoryHolder holder) const
{
    return std::accumulate(
        m_workers.begin(), m_workers.end(), qint64(0), [holder](qint64 sum, const std::unique_ptr<Worker> &worker) {
            return sum + worker->loop->held().bytes(holder);
        });
}

void WorkerPool::cutSlowConsumers(qint64 bytes)
{
    const qint64 all = heldBytes(MemoryHolder::Queues);
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        const qint64 own = worker->loop->held().bytes(MemoryHolder::Queues);
        if (own <= 0 || all <= 0)
            continue;
        const qint64 share = qint64(double(bytes) * double(own) / double(all));
        ChannelShard *shard = worker->shard.get();
        postTo(*shard, [shard, share] { shard->cutSlowConsumers(qMax<qint64>(1, share)); });
    }
}

void WorkerPool::deliver(std::vector<Delivery> deliveries, std::function<void(const std::vector<qint64> &reached)> done)
{
    auto framed = std::make_shared<std::vector<FramedDelivery>>();
    framed->reserve(deliveries.size());
    for (Delivery &delivery : deliveries)
        framed->push_back({ std::move(delivery.to), encodeServerFrame(Opcode::Text, delivery.message),
            delivery.sequence, delivery.isDroppable, delivery.expiresAt });
    using Reached = std::vector<qint64>; // by delivery
    gather<Reached>(
        [framed = std::shared_ptr<const std::vector<FramedDelivery>>(std::move(framed))](ChannelShard &channel) {
            Reached reached;
            reached.reserve(framed->size());
            for (const FramedDelivery &delivery : *framed)
                reached.push_back(channel.deliver(delivery));
            return reached;
        },
        [this, begun = m_clock.monotonic(), done = std::move(done)](const std::vector<Reached> &byWorker) {
            m_fanoutTimes.add(m_clock.monotonic() - begun);
            if (!done)
                return;
            Reached sums = byWorker.front();
            for (size_t worker = 1; worker < byWorker.size(); ++worker)
                std::transform(sums.begin(), sums.end(), byWorker[worker].begin(), sums.begin(), std::plus<>());
            done(sums);
        });
}

void WorkerPool::catchUp(Cursor after, std::chrono::milliseconds window)
{
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        ChannelShard *shard = worker->shard.get();
        postTo(*shard, [shard, after, window] { shard->catchUp(after, window); });
    }
}

void WorkerPool::announceRead(const QString &user, const QByteArray &message, const QString &exceptConnection)
{
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        ChannelShard *shard = worker->shard.get();
        postTo(
            *shard, [shard, user, message, exceptConnection] { shard->announceRead(user, message, exceptConnection); });
    }
}

void WorkerPool::applyLimits(LimitSnapshotPtr snapshot, std::function<void()> done)
{
    gather<int>(
        [snapshot = std::move(snapshot)](ChannelShard &channel) {
            channel.applyLimits(snapshot);
            return 0;
        },
        [done = std::move(done)](const std::vector<int> &) {
            if (done)
                done();
        });
}

void WorkerPool::applyAccess(AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done)
{
    gather<int>(
        [rules = std::move(rules), added = std::move(added)](ChannelShard &channel) {
            channel.applyAccess(rules, added);
            return 0;
        },
        [done = std::move(done)](const std::vector<int> &) {
            if (done)
                done();
        });
}

void WorkerPool::listConnections(std::function<void(std::vector<ConnectionInfo>)> done)
{
    gather<std::vector<ConnectionInfo>>([](ChannelShard &channel) { return channel.connections(); },
        [done = std::move(done)](std::vector<std::vector<ConnectionInfo>> parts) {
            std::vector<ConnectionInfo> all;
            for (std::vector<ConnectionInfo> &part : parts)
                std::move(part.begin(), part.end(), std::back_inserter(all));
            done(std::move(all));
        });
}

void WorkerPool::ping(std::function<void()> done)
{
    gather<int>([](ChannelShard &) { return 0; }, [done = std::move(done)](const std::vector<int> &) { done(); });
}

void WorkerPool::listClients(std::function<void(ClientCounts)> done)
{
    gather<ClientCounts>([](ChannelShard &channel) { return channel.clients(); },
        [done = std::move(done)](const std::vector<ClientCounts> &parts) {
            ClientCounts all;
            for (const ClientCounts &part : parts)
                all.insert(all.end(), part.begin(), part.end());
            done(std::move(all));
        });
}

void WorkerPool::kick(const QString &connectionId, std::function<void(bool)> done)
{
    const std::optional<ConnectionId> id = ConnectionId::parse(connectionId, m_nodeTag);
    if (!id || size_t(id->worker) >= m_workers.size()) {
        done(false);
        return;
    }
    ChannelShard *shard = m_workers[size_t(id->worker)]->shard.get();
    postTo(*shard,
        [shard, number = id->number, answer = onThreadOf(*this, std::move(done))] { answer(shard->kick(number)); });
}

void WorkerPool::applyAdminUsers(const QStringList &adminUsers)
{
    onEachWorker([&adminUsers](Worker &worker) {
        ChannelShard *shard = worker.shard.get();
        postTo(*shard, [shard, adminUsers] { shard->applyAdminUsers(adminUsers); });
    });
}

void WorkerPool::sendToConsoles(ConsoleTopic topic, const QByteArray &message)
{
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        ChannelShard *shard = worker->shard.get();
        postTo(*shard, [shard, topic, message] { shard->sendToConsoles(topic, message); });
    }
}

} // namespace gatehouse
