// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storethread.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <pthread.h>

#include "server/store/filesinplace.h"
#include "server/store/readgate.h"
#include "server/store/storequeue.h"
#include "server/store/storewatch.h"
#include "server/store/tablecopies.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kLookInterval = 1s; ///< at the files, and of a probe while commits fail

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
    QString path;
    std::unique_ptr<Database> database;
    std::unique_ptr<FilesInPlace> files;
    std::unique_ptr<TableCopies> copies; ///< null: there could be none
    QByteArrayList keptTables;
    QString setAside;
    StoreQueue queue;
    std::unique_ptr<ReaderPool> readers;
    std::unique_ptr<ReadGate> gate;
    StoreWatch::Signs signs;
    std::unique_ptr<StoreWatch> watch;
    std::thread thread;
    std::atomic<bool> hasEnded{ false };
    std::atomic<bool> canCommit{ true };
    std::atomic<bool> isDamaged{ false };
    std::atomic<qint64> failures{ 0 };
    LatencyHistogram writeTimes;

    mutable std::mutex mutex;
    // Guarded by mutex:
    QString filesTrouble;
    std::shared_ptr<const std::vector<LossReport>> losses;

    void loop();
    void lookAround();
    bool areFilesInPlace();
    void commit(StoreQueue::Group &group);
    void updateCopies();
};

void StoreThread::State::loop()
{
    pthread_setname_np(pthread_self(), "store");
    StoreQueue::Group group;
    auto lookedAt = std::chrono::steady_clock::now();
    while (queue.take(group, kLookInterval)) {
        signs.isBusy = true;
        if (const auto now = std::chrono::steady_clock::now(); now - lookedAt >= kLookInterval) {
            lookedAt = now;
            lookAround();
            if (!canCommit)
                group.push_back({ probe, {}, {}, ok(), true });
        }
        if (group.empty())
            gate->written(0); // those behind what was refused meanwhile go on
        else
            commit(group);
        isDamaged = database->isDamaged() || readers->haveMetDamage();
        group.clear();
        ++signs.steps;
        signs.isBusy = false;
    }
    hasEnded = true;
    gate->written(0); // as above
}

/// Once a second: what nobody asks for.
void StoreThread::State::lookAround()
{
    (void)areFilesInPlace(); // it keeps what it finds
    std::vector<LossReport> found = LossReport::loadAll(path);
    {
        const std::lock_guard lock(mutex);
        losses = found.empty() ? nullptr : std::make_shared<const std::vector<LossReport>>(std::move(found));
    }
    if (!copies || canCommit)
        updateCopies(); // what could not be written when it was due
}

bool StoreThread::State::areFilesInPlace()
{
    QString trouble = files->trouble();
    const std::lock_guard lock(mutex);
    filesTrouble = std::move(trouble);
    return filesTrouble.isEmpty();
}

void StoreThread::State::updateCopies()
{
    if (!copies && !keptTables.isEmpty()) {
        if (Result<std::unique_ptr<TableCopies>> opened = TableCopies::open(*database, path, keptTables))
            copies = std::move(opened).value();
    }
    if (copies && !copies->update())
        ++failures; // it is tried again in a second
}

void StoreThread::State::commit(StoreQueue::Group &group)
{
    const auto begun = std::chrono::steady_clock::now();
    Status committed = ok();
    const auto checkFiles = [this, &committed] {
        if (committed && !areFilesInPlace())
            committed = Error{ u"state file: %1; what is written now would be lost"_s.arg(filesTrouble), {} };
    };
    checkFiles();
    if (committed)
        committed = commitGroup(*database, group, signs.steps);
    checkFiles();
    writeTimes.add(std::chrono::steady_clock::now() - begun);
    canCommit = committed.isOk();
    if (!committed)
        ++failures;
    else if (copies)
        updateCopies();
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
    gate->written(count);
}

Result<std::unique_ptr<StoreThread>> StoreThread::start(
    const QString &path, const std::vector<Work> &schemas, DatabaseOptions options)
{
    options.createTables = [&schemas](Database &database) { return runSchemas(database, schemas); };
    Result<std::unique_ptr<Database>> database = Database::open(path, options);
    if (!database)
        return database.error();
    if (const Status status = runSchemas(**database, schemas); !status)
        return status.error();
    Result<std::unique_ptr<ReaderPool>> readers = ReaderPool::start(path);
    if (!readers)
        return readers.error();
    auto state = std::make_unique<State>();
    state->path = path;
    state->readers = std::move(readers).value();
    state->gate = std::make_unique<ReadGate>(*state->readers);
    state->database = std::move(database).value();
    state->setAside = state->database->setAside();
    state->keptTables = options.keptTables;
    state->files = std::make_unique<FilesInPlace>(path);
    state->lookAround();
    state->database->countSteps(state->signs.steps);
    return std::unique_ptr<StoreThread>(new StoreThread(std::move(state)));
}

StoreThread::StoreThread(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
    m_state->watch = std::make_unique<StoreWatch>(m_state->queue, *m_state->gate, m_state->signs, m_state->path);
    m_state->thread = std::thread([worker = m_state.get()] { worker->loop(); });
}

StoreThread::~StoreThread()
{
    m_state->gate->waitUntilQuiet();
    m_state->queue.stop();
    m_state->thread.join();
    m_state->watch.reset();
    m_state->gate.reset();
    if (m_state->readers->stop())
        m_state->database->noteDamage();
    m_state->readers.reset();
}

bool StoreThread::finish()
{
    while (!m_state->gate->isQuiet() && !m_state->signs.isHanging)
        std::this_thread::sleep_for(10ms);
    if (m_state->signs.isHanging)
        return false;
    m_state->queue.stop();
    while (!m_state->hasEnded && !m_state->signs.isHanging)
        std::this_thread::sleep_for(10ms);
    return m_state->hasEnded;
}

void StoreThread::write(Work work, Done done, Late late)
{
    m_state->gate->writeQueued();
    QueuedWrite write{ std::move(work), std::move(done), std::move(late) };
    if (m_state->queue.add(std::move(write)))
        return;
    if (write.done)
        write.done(Error{ u"state file %1: it is being closed"_s.arg(m_state->path), {} });
    m_state->gate->refused(1);
    if (m_state->hasEnded)
        m_state->gate->written(0); // nobody else lets them go on any more
}

void StoreThread::read(std::function<void(Database &)> work, Late late)
{
    m_state->gate->read(
        [work = std::move(work)](Database &connection) {
            work(connection);
            return Turn::Done;
        },
        std::move(late));
}

bool StoreThread::readInTurns(const QString &who, Portion portion, Late late)
{
    return m_state->gate->readInTurns(who, std::move(portion), std::move(late));
}

void StoreThread::resume(const QString &who, Portion portion)
{
    m_state->gate->resume(who, std::move(portion));
}

void StoreThread::finishTurn(const QString &who)
{
    m_state->readers->finish(who);
}

StoreCondition StoreThread::condition() const
{
    using Trouble = StoreCondition::Trouble;
    StoreCondition condition;
    const std::lock_guard lock(m_state->mutex);
    condition.losses = m_state->losses;
    const auto set = [&](Trouble trouble, const QString &detail) {
        condition.trouble = trouble;
        condition.detail = detail;
    };
    if (m_state->signs.isHanging)
        set(Trouble::Hanging, u"the store cannot write: the disk of %1 does not answer"_s.arg(m_state->path));
    else if (!m_state->filesTrouble.isEmpty())
        set(Trouble::FileGone, u"the store cannot write: %1"_s.arg(m_state->filesTrouble));
    else if (!m_state->canCommit)
        set(Trouble::CannotWrite, u"the store cannot write"_s);
    else if (m_state->isDamaged)
        set(Trouble::Damaged, u"a page of %1 is damaged; the next start saves what can be read"_s.arg(m_state->path));
    return condition;
}

qint64 StoreThread::failures() const
{
    return m_state->failures + m_state->signs.refused;
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
