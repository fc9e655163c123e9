// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/readerpool.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/base/fairqueue.h"
#include "server/store/database.h"

namespace gatehouse {

namespace {

constexpr int kNiceness = 10;

} // namespace

struct ReaderPool::State
{
    std::vector<std::unique_ptr<Database>> connections; ///< one for each thread
    std::vector<std::thread> threads;

    std::mutex mutex;
    std::condition_variable wake;
    // Guarded by mutex:
    FairQueue<Portion> queue{ kMostOfOne, kMostInAll };
    bool isStopping = false;
    std::atomic<bool> hasMetDamage{ false };

    void loop(Database &database);
};

namespace {

ReaderPool::Turn runAtOneMoment(Database &database, const ReaderPool::Portion &portion)
{
    (void)database.prepare("BEGIN").run(); // what is wrong with the file, the portion will find too
    const ReaderPool::Turn turn = portion(database);
    if (database.isInTransaction())
        (void)database.prepare("COMMIT").run();
    return turn;
}

} // namespace

void ReaderPool::State::loop(Database &database)
{
    pthread_setname_np(pthread_self(), "reader");
    // Of this thread alone, as Linux has it. Where there is too little CPU, those go first who serve and write.
    (void)::setpriority(PRIO_PROCESS, id_t(::gettid()), kNiceness);
    std::unique_lock lock(mutex);
    while (!isStopping) {
        std::optional<FairQueue<Portion>::Turn> next = queue.next();
        if (!next) {
            wake.wait(lock);
            continue;
        }
        lock.unlock();
        const Turn turn = runAtOneMoment(database, next->item);
        if (database.isDamaged())
            hasMetDamage = true;
        if (turn != Turn::More)
            next->item = {}; // what it holds is let go of without the lock
        lock.lock();
        if (turn == Turn::More)
            queue.again(next->who, std::move(next->item));
        else if (turn == Turn::Done)
            queue.done(next->who);
    }
}

Result<std::unique_ptr<ReaderPool>> ReaderPool::start(const QString &path)
{
    auto state = std::make_unique<State>();
    for (int i = 0; i < kThreads; ++i) {
        Result<std::unique_ptr<Database>> connection = Database::openReader(path);
        if (!connection)
            return connection.error();
        state->connections.push_back(std::move(connection).value());
    }
    return std::unique_ptr<ReaderPool>(new ReaderPool(std::move(state)));
}

ReaderPool::ReaderPool(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
    for (const std::unique_ptr<Database> &connection : m_state->connections)
        m_state->threads.emplace_back(
            [worker = m_state.get(), database = connection.get()] { worker->loop(*database); });
}

ReaderPool::~ReaderPool()
{
    (void)stop();
}

bool ReaderPool::stop()
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->isStopping = true;
    }
    m_state->wake.notify_all();
    for (std::thread &thread : m_state->threads)
        thread.join();
    m_state->threads.clear();
    return haveMetDamage();
}

bool ReaderPool::haveMetDamage() const
{
    return m_state->hasMetDamage;
}

bool ReaderPool::add(const QString &who, Portion portion)
{
    {
        const std::lock_guard lock(m_state->mutex);
        if (!m_state->queue.add(who, std::move(portion)))
            return false;
    }
    m_state->wake.notify_one();
    return true;
}

void ReaderPool::addBeyondBounds(const QString &who, Portion portion)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->queue.addBeyondBounds(who, std::move(portion));
    }
    m_state->wake.notify_one();
}

void ReaderPool::resume(const QString &who, Portion portion)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->queue.again(who, std::move(portion));
    }
    m_state->wake.notify_one();
}

void ReaderPool::finish(const QString &who)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->queue.done(who);
    }
    m_state->wake.notify_one(); // the user may have asked for more
}

} // namespace gatehouse
