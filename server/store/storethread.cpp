// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storethread.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include <pthread.h>

#include "server/store/writegroup.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// Bounds how long the first of a group waits for the last.
constexpr size_t kMaxGroup = 1000;
constexpr auto kProbeInterval = 1s;

/// What waits for writes that were queued before it.
struct Waiting
{
    QString who;
    StoreThread::Portion portion;
};

Status createProbe(Database &database)
{
    return database.execute("CREATE TABLE IF NOT EXISTS store_probe (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)");
}

Status probe(Database &database)
{
    return database.execute("INSERT INTO store_probe VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET count = count + 1");
}

Status runSchemas(Database &database, const std::vector<StoreThread::Work> &schemas)
{
    Status status = database.execute("BEGIN IMMEDIATE");
    if (status)
        status = createProbe(database);
    for (const StoreThread::Work &schema : schemas) {
        if (status)
            status = schema(database);
    }
    return status ? database.execute("COMMIT") : status;
}

} // namespace

struct StoreThread::State
{
    std::unique_ptr<Database> database;
    QString setAside;
    std::thread thread;
    std::atomic<bool> isHealthy{ true };
    std::atomic<qint64> failures{ 0 };
    LatencyHistogram writeTimes;

    std::unique_ptr<ReaderPool> readers;
    std::atomic<qint64> writesDone{ 0 };

    std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable quiet;
    // Guarded by mutex:
    std::deque<QueuedWrite> writes;
    std::multimap<qint64, Waiting> waiting; ///< by how many writes are to be done first
    qint64 writesQueued = 0;
    qint64 outstanding = 0; ///< writes, and reads that are queued or run
    bool isStopping = false;

    void loop();
    bool take(std::vector<QueuedWrite> &group);
    void commit(std::vector<QueuedWrite> &group);
    void written(qint64 count);
    /// How many writes were queued before a read that is queued now; the read is outstanding from then on.
    [[nodiscard]] qint64 beginRead();
    void readEnded();
    [[nodiscard]] Portion counted(Portion portion);
    [[nodiscard]] Portion afterWrites(qint64 count, const QString &who, const Portion &portion);
};

void StoreThread::State::loop()
{
    pthread_setname_np(pthread_self(), "store");
    std::vector<QueuedWrite> group;
    while (take(group)) {
        commit(group);
        group.clear();
    }
}

/// Waits for work and takes a group of writes. False when all is done.
bool StoreThread::State::take(std::vector<QueuedWrite> &group)
{
    std::unique_lock lock(mutex);
    const auto hasWork = [this] { return isStopping || !writes.empty(); };
    if (isHealthy)
        wake.wait(lock, hasWork);
    else if (!wake.wait_for(lock, kProbeInterval, hasWork))
        group.push_back({ probe, {}, ok(), true });
    const qsizetype count = qsizetype(std::min(writes.size(), kMaxGroup));
    std::move(writes.begin(), writes.begin() + count, std::back_inserter(group));
    writes.erase(writes.begin(), writes.begin() + count);
    return !group.empty();
}

void StoreThread::State::commit(std::vector<QueuedWrite> &group)
{
    const auto begun = std::chrono::steady_clock::now();
    const Status committed = commitGroup(*database, group);
    writeTimes.add(std::chrono::steady_clock::now() - begun);
    isHealthy = committed.isOk();
    if (!committed)
        ++failures;
    qint64 count = 0;
    for (QueuedWrite &write : group) {
        if (!write.status)
            ++failures;
        else if (!committed)
            write.status = committed;
        if (write.done)
            write.done(write.status);
        count += write.isOfProbe ? 0 : 1;
        write = {}; // what it holds is let go of before the store may end
    }
    written(count);
}

/// Lets those go on who have waited for these writes.
void StoreThread::State::written(qint64 count)
{
    const std::lock_guard lock(mutex);
    writesDone += count;
    const auto end = waiting.upper_bound(writesDone);
    for (auto read = waiting.begin(); read != end; ++read) {
        ++outstanding;
        readers->resume(read->second.who, counted(std::move(read->second.portion)));
    }
    waiting.erase(waiting.begin(), end);
    outstanding -= count;
    if (outstanding == 0)
        quiet.notify_all();
}

qint64 StoreThread::State::beginRead()
{
    const std::lock_guard lock(mutex);
    ++outstanding;
    return writesQueued;
}

void StoreThread::State::readEnded()
{
    const std::lock_guard lock(mutex);
    if (--outstanding == 0)
        quiet.notify_all();
}

StoreThread::Portion StoreThread::State::counted(Portion portion)
{
    return [this, portion = std::move(portion)](Database &connection) {
        const Turn turn = portion(connection);
        if (turn != Turn::More)
            readEnded();
        return turn;
    };
}

/// The portion itself once so many writes are done. Until then the user's turn waits, and the thread does not.
StoreThread::Portion StoreThread::State::afterWrites(qint64 count, const QString &who, const Portion &portion)
{
    return [this, count, who, portion](Database &connection) {
        if (writesDone < count) {
            const std::lock_guard lock(mutex);
            if (writesDone < count) {
                waiting.emplace(count, Waiting{ who, portion });
                return Turn::Waits;
            }
        }
        return portion(connection);
    };
}

Result<std::unique_ptr<StoreThread>> StoreThread::start(const QString &path, const std::vector<Work> &schemas)
{
    Result<std::unique_ptr<Database>> database = Database::open(path);
    if (!database)
        return database.error();
    if (const Status status = runSchemas(**database, schemas); !status)
        return status.error();
    Result<std::unique_ptr<ReaderPool>> readers = ReaderPool::start(path);
    if (!readers)
        return readers.error();
    auto state = std::make_unique<State>();
    state->database = std::move(database).value();
    state->setAside = state->database->setAside();
    state->readers = std::move(readers).value();
    return std::unique_ptr<StoreThread>(new StoreThread(std::move(state)));
}

StoreThread::StoreThread(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
    m_state->thread = std::thread([worker = m_state.get()] { worker->loop(); });
}

StoreThread::~StoreThread()
{
    {
        std::unique_lock lock(m_state->mutex);
        m_state->quiet.wait(lock, [this] { return m_state->outstanding == 0; });
        m_state->isStopping = true;
    }
    m_state->wake.notify_one();
    m_state->thread.join();
    if (m_state->readers->stop())
        m_state->database->noteDamage();
    m_state->readers.reset();
}

void StoreThread::write(Work work, Done done)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->writes.push_back({ std::move(work), std::move(done) });
        ++m_state->writesQueued;
        ++m_state->outstanding;
    }
    m_state->wake.notify_one();
}

void StoreThread::read(std::function<void(Database &)> work)
{
    const Portion portion = [work = std::move(work)](Database &connection) {
        work(connection);
        return Turn::Done;
    };
    const qint64 before = m_state->beginRead();
    m_state->readers->addBeyondBounds({}, m_state->counted(m_state->afterWrites(before, {}, portion)));
}

bool StoreThread::readInTurns(const QString &who, Portion portion)
{
    const qint64 before = m_state->beginRead();
    if (m_state->readers->add(who, m_state->counted(m_state->afterWrites(before, who, portion))))
        return true;
    m_state->readEnded();
    return false;
}

void StoreThread::resume(const QString &who, Portion portion)
{
    (void)m_state->beginRead();
    m_state->readers->resume(who, m_state->counted(std::move(portion)));
}

void StoreThread::finish(const QString &who)
{
    m_state->readers->finish(who);
}

bool StoreThread::isHealthy() const
{
    return m_state->isHealthy;
}

qint64 StoreThread::failures() const
{
    return m_state->failures;
}

const LatencyHistogram &StoreThread::writeTimes() const
{
    return m_state->writeTimes;
}

QString StoreThread::setAside() const
{
    return m_state->setAside;
}

} // namespace gatehouse
