// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storethread.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <pthread.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// Bounds how long the first of a group waits for the last.
constexpr size_t kMaxGroup = 1000;
constexpr auto kProbeInterval = 1s;

struct Write
{
    StoreThread::Work work;
    StoreThread::Done done;
    Status status = ok();
};

struct Read
{
    std::function<void(Database &)> work;
    qint64 writesBefore = 0; ///< how many writes were queued before it
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

/// Runs one work so that its failure undoes nothing but its own.
Status runInSavepoint(Database &database, const StoreThread::Work &work)
{
    Status status = database.prepare("SAVEPOINT work").run();
    if (!status)
        return status;
    status = work(database);
    if (!database.isInTransaction())
        return status; // a grave error has ended the transaction, and the savepoint with it
    if (!status) {
        if (const Status undone = database.prepare("ROLLBACK TO work").run(); !undone)
            return undone;
    }
    const Status released = database.prepare("RELEASE work").run();
    return status ? released : status;
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

    std::mutex mutex;
    std::condition_variable wake;
    // Guarded by mutex:
    std::deque<Write> writes;
    std::deque<Read> reads;
    qint64 writesQueued = 0;
    qint64 writesTaken = 0;
    bool isStopping = false;

    void loop();
    bool take(std::vector<Write> &group, std::vector<Read> &readable);
    void commit(std::vector<Write> &group);
    Status runGroup(std::vector<Write> &group);
};

void StoreThread::State::loop()
{
    pthread_setname_np(pthread_self(), "store");
    std::vector<Write> group;
    std::vector<Read> readable;
    while (take(group, readable)) {
        if (!group.empty())
            commit(group);
        for (const Read &read : readable)
            read.work(*database);
        group.clear();
        readable.clear();
    }
}

/// Waits for work and takes a group of writes, and the reads that may follow its commit. False when all is done.
bool StoreThread::State::take(std::vector<Write> &group, std::vector<Read> &readable)
{
    std::unique_lock lock(mutex);
    const auto hasWork = [this] { return isStopping || !writes.empty() || !reads.empty(); };
    if (isHealthy)
        wake.wait(lock, hasWork);
    else if (!wake.wait_for(lock, kProbeInterval, hasWork))
        group.push_back({ probe, {} });
    const qsizetype count = qsizetype(std::min(writes.size(), kMaxGroup));
    std::move(writes.begin(), writes.begin() + count, std::back_inserter(group));
    writes.erase(writes.begin(), writes.begin() + count);
    writesTaken += count;
    while (!reads.empty() && reads.front().writesBefore <= writesTaken) {
        readable.push_back(std::move(reads.front()));
        reads.pop_front();
    }
    return !group.empty() || !readable.empty();
}

void StoreThread::State::commit(std::vector<Write> &group)
{
    const auto begun = std::chrono::steady_clock::now();
    const Status committed = runGroup(group);
    writeTimes.add(std::chrono::steady_clock::now() - begun);
    isHealthy = committed.isOk();
    if (!committed)
        ++failures;
    for (Write &write : group) {
        if (!write.status)
            ++failures;
        else if (!committed)
            write.status = committed;
        if (write.done)
            write.done(write.status);
    }
}

Status StoreThread::State::runGroup(std::vector<Write> &group)
{
    if (Status begun = database->prepare("BEGIN IMMEDIATE").run(); !begun)
        return begun;
    for (Write &write : group) {
        write.status = runInSavepoint(*database, write.work);
        if (!database->isInTransaction())
            return write.status ? Error{ u"state file: the transaction was ended early"_s, {} } : write.status;
    }
    Status committed = database->prepare("COMMIT").run();
    if (!committed && database->isInTransaction())
        (void)database->prepare("ROLLBACK").run(); // the commit says why
    return committed;
}

Result<std::unique_ptr<StoreThread>> StoreThread::start(const QString &path, const std::vector<Work> &schemas)
{
    Result<std::unique_ptr<Database>> database = Database::open(path);
    if (!database)
        return database.error();
    if (const Status status = runSchemas(**database, schemas); !status)
        return status.error();
    auto state = std::make_unique<State>();
    state->database = std::move(database).value();
    state->setAside = state->database->setAside();
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
        const std::lock_guard lock(m_state->mutex);
        m_state->isStopping = true;
    }
    m_state->wake.notify_one();
    m_state->thread.join();
}

void StoreThread::write(Work work, Done done)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->writes.push_back({ std::move(work), std::move(done) });
        ++m_state->writesQueued;
    }
    m_state->wake.notify_one();
}

void StoreThread::read(std::function<void(Database &)> work)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->reads.push_back({ std::move(work), m_state->writesQueued });
    }
    m_state->wake.notify_one();
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
