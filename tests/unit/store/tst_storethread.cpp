// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <csignal>
#include <future>
#include <thread>

#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/resource.h>

#include "server/store/storethread.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

Status createRows(Database &database)
{
    return database.execute("CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, filler BLOB)");
}

StoreThread::Work insert(qint64 n, qsizetype bytes = 0)
{
    return [n, bytes](Database &database) {
        return database.prepare("INSERT INTO rows VALUES (?, ?)").bind(1, n).bindBlob(2, QByteArray(bytes, 'x')).run();
    };
}

std::unique_ptr<StoreThread> startStore(const QString &path)
{
    auto store = StoreThread::start(path, { createRows });
    if (!store)
        qFatal("%s", qPrintable(store.error().message));
    return std::move(store).value();
}

Status writeAndWait(StoreThread &store, StoreThread::Work work)
{
    auto result = std::make_shared<std::promise<Status>>();
    store.write(std::move(work), [result](const Status &status) { result->set_value(status); });
    return result->get_future().get();
}

std::vector<qint64> numbers(StoreThread &store)
{
    auto result = std::make_shared<std::promise<std::vector<qint64>>>();
    store.read([result](Database &database) {
        std::vector<qint64> all;
        for (Statement row = database.prepare("SELECT n FROM rows ORDER BY n"); row.nextRow();)
            all.push_back(row.integer(0));
        result->set_value(all);
    });
    return result->get_future().get();
}

/// Holds the store thread up until it is released, so that what is queued meanwhile becomes one group.
struct Gate
{
    explicit Gate(StoreThread &store)
    {
        store.write([open = released.get_future().share(), this](Database &) {
            entered.set_value();
            open.wait();
            return ok();
        });
        entered.get_future().wait();
    }
    void open() { released.set_value(); }
    std::promise<void> released;
    std::promise<void> entered;
};

/// What the child process does: writes rows as fast as it can and prints each one that is acknowledged, until it is
/// killed.
int writeUntilKilled(const QString &path)
{
    auto store = startStore(path);
    for (qint64 n = 1;; ++n) {
        if (n % 64 == 0)
            (void)writeAndWait(*store, insert(n, 3000)); // keeps the queue short
        else
            store->write(insert(n, 3000), [n](const Status &status) {
                if (status && std::printf("%lld\n", static_cast<long long>(n)) > 0)
                    std::fflush(stdout);
            });
    }
}

} // namespace

class TestStoreThread final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void reopenKeepsData();
    void readsSeeEarlierWrites();
    void aReadHoldsUpNoWrite();
    void readsInTurnsSeeEarlierWrites();
    void aReadThatWaitsForWritesHoldsUpNobody();
    void readsMayWriteAndGoOn();
    void finishesReadsAtTheEnd();
    void damageThatAReaderMetIsLookedInto();
    void commitsGroups();
    void callbacksComeInOrder();
    void oneFailureIsRolledBackAlone();
    void failingCommitFailsAll();
    void workThatEndsTheTransaction();
    void finishesTheQueueAtTheEnd();
    void refusesWhatComesAfterTheEnd();
    void callbacksMayQueueMore();
    void manyThreads();
    void diskFull();
    void recoversByItself();
    void schemaFailure();
    void secondStoreOnTheSameFile();
    void killedStoreKeepsWhatItAcknowledged();

private:
    QString path() const { return m_dir->filePath(u"state.sqlite"_s); }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestStoreThread::reopenKeepsData()
{
    {
        auto store = startStore(path());
        QVERIFY(writeAndWait(*store, insert(7)));
        QVERIFY(store->setAside().isEmpty());
    }
    QCOMPARE(numbers(*startStore(path())), std::vector<qint64>({ 7 }));
}

void TestStoreThread::readsSeeEarlierWrites()
{
    auto store = startStore(path());
    for (qint64 n = 1; n <= 50; ++n) {
        store->write(insert(n));
        QCOMPARE(numbers(*store).size(), size_t(n));
    }
}

void TestStoreThread::aReadHoldsUpNoWrite()
{
    auto store = startStore(path());
    std::promise<void> released;
    std::promise<void> entered;
    store->read([&, open = released.get_future().share()](Database &database) {
        Statement row = database.prepare("SELECT count(*) FROM rows"); // a snapshot, and a statement in the middle
        (void)row.nextRow();
        entered.set_value();
        open.wait();
    });
    entered.get_future().wait();
    for (qint64 n = 1; n <= 20; ++n)
        QVERIFY(writeAndWait(*store, insert(n)));
    QVERIFY(store->readInTurns(u"somebody"_s, [&](Database &) {
        released.set_value(); // another reader is there for others
        return StoreThread::Turn::Done;
    }));
    QCOMPARE(numbers(*store).size(), size_t(20));
}

void TestStoreThread::readsInTurnsSeeEarlierWrites()
{
    auto store = startStore(path());
    for (qint64 n = 1; n <= 50; ++n) {
        store->write(insert(n));
        std::promise<qint64> seen;
        QVERIFY(store->readInTurns(u"user %1"_s.arg(n % 3), [&](Database &database) {
            Statement row = database.prepare("SELECT count(*) FROM rows");
            seen.set_value(row.nextRow() ? row.integer(0) : -1);
            return StoreThread::Turn::Done;
        }));
        QCOMPARE(seen.get_future().get(), n);
    }
}

void TestStoreThread::aReadThatWaitsForWritesHoldsUpNobody()
{
    auto store = startStore(path());
    std::promise<void> early;
    Gate gate(*store);
    store->write(insert(1));
    std::atomic<int> late{ 0 };
    for (int i = 0; i < 10; ++i) { // more than there are threads
        QVERIFY(store->readInTurns(u"user %1"_s.arg(i), [&](Database &database) {
            Statement row = database.prepare("SELECT count(*) FROM rows");
            late += row.nextRow() && row.integer(0) == 1 ? 1 : 0;
            return StoreThread::Turn::Done;
        }));
    }
    QCOMPARE(late.load(), 0);
    gate.open();
    QTRY_COMPARE(late.load(), 10);
}

void TestStoreThread::readsMayWriteAndGoOn()
{
    auto store = startStore(path());
    std::promise<qint64> seen;
    const QString who = u"somebody"_s;
    StoreThread *raw = store.get();
    QVERIFY(raw->readInTurns(who, [&, raw](Database &) {
        raw->write(insert(1), [&, raw](const Status &) {
            raw->resume(who, [&](Database &database) {
                Statement row = database.prepare("SELECT count(*) FROM rows");
                seen.set_value(row.nextRow() ? row.integer(0) : -1);
                return StoreThread::Turn::Done;
            });
        });
        return StoreThread::Turn::Waits;
    }));
    QCOMPARE(seen.get_future().get(), 1);
}

void TestStoreThread::finishesReadsAtTheEnd()
{
    std::atomic<int> portions{ 0 };
    {
        auto store = startStore(path());
        Gate gate(*store);
        store->write(insert(1));
        for (int i = 0; i < 100; ++i) {
            QVERIFY(store->readInTurns(u"user %1"_s.arg(i % 7), [&portions, left = 3](Database &) mutable {
                ++portions;
                return --left > 0 ? StoreThread::Turn::More : StoreThread::Turn::Done;
            }));
        }
        gate.open();
    }
    QCOMPARE(portions.load(), 300);
}

void TestStoreThread::damageThatAReaderMetIsLookedInto()
{
    {
        auto store = startStore(path());
        for (qint64 n = 1; n <= 200; ++n)
            store->write(insert(n, 3000));
        QVERIFY(writeAndWait(*store, insert(1000)));
    }
    QVERIFY(QFile::exists(path() + ".clean"_L1));
    {
        auto store = startStore(path());
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(file.size() / 2));
        QCOMPARE(file.write(QByteArray(16 * 4096, '\xff')), 16 * 4096);
        file.close();
        std::promise<Status> read;
        store->read([&read](Database &database) {
            Statement sum = database.prepare("SELECT sum(length(filler)) FROM rows");
            (void)sum.nextRow();
            read.set_value(sum.status());
        });
        QVERIFY(!read.get_future().get());
    }
    QVERIFY(!QFile::exists(path() + ".clean"_L1)); // the next start reads it through
}

void TestStoreThread::commitsGroups()
{
    auto store = startStore(path());
    Gate gate(*store);
    std::atomic<int> uncommittedSeen{ 0 };
    std::promise<void> last;
    std::atomic<int> done{ 0 };
    for (qint64 n = 1; n <= 100; ++n) {
        store->write(
            [n, &uncommittedSeen, &done](Database &database) {
                uncommittedSeen += done == 0 ? 1 : 0; // no callback before the commit of all
                return insert(n)(database);
            },
            [&](const Status &status) {
                QVERIFY(status);
                if (++done == 100)
                    last.set_value();
            });
    }
    gate.open();
    last.get_future().wait();
    QCOMPARE(uncommittedSeen.load(), 100);
    QCOMPARE(store->writeTimes().count(), 2); // that of the gate, and this one: a group is measured once
    QVERIFY(store->writeTimes().sumSeconds() > 0);
    QCOMPARE(numbers(*store).size(), size_t(100));
}

void TestStoreThread::callbacksComeInOrder()
{
    auto store = startStore(path());
    std::vector<qint64> order;
    for (qint64 n = 1; n <= 2500; ++n)
        store->write(insert(n), [&order, n](const Status &) { order.push_back(n); });
    QCOMPARE(numbers(*store).size(), size_t(2500)); // more than one group holds
    QCOMPARE(order.size(), size_t(2500));
    QVERIFY(std::is_sorted(order.begin(), order.end()));
}

void TestStoreThread::oneFailureIsRolledBackAlone()
{
    auto store = startStore(path());
    Gate gate(*store);
    std::vector<bool> outcomes;
    const auto record = [&outcomes](const Status &status) { outcomes.push_back(status.isOk()); };
    store->write(insert(1), record);
    store->write(
        [](Database &database) {
            (void)insert(2)(database);
            return insert(1)(database); // is there already
        },
        record);
    store->write([](Database &database) { return insert(3)(database) ? Status(Error{ u"no"_s, {} }) : ok(); }, record);
    store->write(insert(4), record);
    gate.open();
    QCOMPARE(numbers(*store), std::vector<qint64>({ 1, 4 }));
    QCOMPARE(outcomes, std::vector<bool>({ true, false, false, true }));
    QVERIFY(store->isHealthy());
    QCOMPARE(store->failures(), 2);
}

void TestStoreThread::failingCommitFailsAll()
{
    auto opened = StoreThread::start(path(),
        { createRows, [](Database &database) {
             return database.execute("CREATE TABLE child (n REFERENCES rows (n) DEFERRABLE INITIALLY DEFERRED)");
         } });
    QVERIFY(opened);
    StoreThread &store = **opened;
    Gate gate(store);
    std::vector<bool> outcomes;
    const auto record = [&outcomes](const Status &status) { outcomes.push_back(status.isOk()); };
    store.write(insert(1), record);
    store.write([](Database &database) { return database.execute("INSERT INTO child VALUES (99)"); }, record);
    store.write(insert(2), record);
    gate.open();
    QVERIFY(numbers(store).empty());
    QCOMPARE(outcomes, std::vector<bool>({ false, false, false }));
    QVERIFY(!store.isHealthy());
    QVERIFY(writeAndWait(store, insert(3)));
    QVERIFY(store.isHealthy());
}

void TestStoreThread::workThatEndsTheTransaction()
{
    auto store = startStore(path());
    const Status status = writeAndWait(*store, [](Database &database) { return database.execute("ROLLBACK"); });
    QVERIFY(!status);
    QVERIFY(status.error().message.contains(u"ended early"));
    QVERIFY(writeAndWait(*store, insert(1)));
}

void TestStoreThread::finishesTheQueueAtTheEnd()
{
    int done = 0;
    {
        auto store = startStore(path());
        Gate gate(*store);
        for (qint64 n = 1; n <= 3000; ++n)
            store->write(insert(n), [&done](const Status &status) { done += status.isOk() ? 1 : 0; });
        gate.open();
    }
    QCOMPARE(done, 3000);
    QCOMPARE(numbers(*startStore(path())).size(), size_t(3000));
}

void TestStoreThread::refusesWhatComesAfterTheEnd()
{
    auto store = startStore(path());
    store->write(insert(1));
    QVERIFY(store->finish());
    const Status late = writeAndWait(*store, insert(2));
    QVERIFY(!late);
    QVERIFY2(late.error().message.contains(u"being closed"), qPrintable(late.error().message));
    store.reset(); // and it waits for nothing
    QCOMPARE(numbers(*startStore(path())), std::vector<qint64>({ 1 }));
}

void TestStoreThread::callbacksMayQueueMore()
{
    {
        auto store = startStore(path());
        StoreThread *raw = store.get();
        raw->write(insert(1), [raw](const Status &) {
            raw->write(insert(2), [raw](const Status &) { raw->read([raw](Database &) { raw->write(insert(3)); }); });
        });
    }
    QCOMPARE(numbers(*startStore(path())), std::vector<qint64>({ 1, 2, 3 }));
}

void TestStoreThread::manyThreads()
{
    auto store = startStore(path());
    std::atomic<int> done{ 0 };
    std::vector<std::thread> threads;
    for (qint64 t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (qint64 i = 0; i < 250; ++i)
                store->write(insert(t * 1000 + i), [&done](const Status &status) { done += status.isOk() ? 1 : 0; });
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(numbers(*store).size(), size_t(2000));
    QCOMPARE(done.load(), 2000);
}

/// While it lives no file may grow beyond `bytes`: what a full disk does, for this process alone.
struct FullDisk
{
    explicit FullDisk(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before);
        const rlimit now{ bytes, before.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before); }
    rlimit before{};
};

void TestStoreThread::diskFull()
{
    auto store = startStore(path());
    QVERIFY(writeAndWait(*store, insert(1, 1000)));
    {
        const FullDisk full(rlim_t(QFileInfo(path() + "-wal"_L1).size()) + 8192);
        Gate gate(*store);
        std::vector<bool> outcomes;
        bool wasHealthy = true; // then and there: a probe, which takes less room, may succeed later
        for (qint64 n = 2; n <= 5; ++n) {
            store->write(insert(n, 40000), [&](const Status &status) {
                outcomes.push_back(status.isOk());
                wasHealthy = store->isHealthy();
            });
        }
        gate.open();
        QCOMPARE(numbers(*store), std::vector<qint64>({ 1 }));
        QCOMPARE(outcomes, std::vector<bool>({ false, false, false, false }));
        QVERIFY(!wasHealthy);
        QVERIFY(store->failures() > 0);
    }
    QVERIFY(writeAndWait(*store, insert(6, 40000)));
    QVERIFY(store->isHealthy());
    store.reset();
    QCOMPARE(numbers(*startStore(path())), std::vector<qint64>({ 1, 6 }));
}

void TestStoreThread::recoversByItself()
{
    auto store = startStore(path());
    {
        const FullDisk full(4096);
        bool isStored = true;
        bool wasHealthy = true; // then and there, as above
        store->write(insert(1, 40000), [&](const Status &status) {
            isStored = status.isOk();
            wasHealthy = store->isHealthy();
        });
        QVERIFY(numbers(*store).empty());
        QVERIFY(!isStored && !wasHealthy);
    }
    QTRY_VERIFY_WITH_TIMEOUT(store->isHealthy(), 15'000); // by its probe: nobody writes
}

void TestStoreThread::schemaFailure()
{
    const auto store
        = StoreThread::start(path(), { [](Database &database) { return database.execute("CREATE NONSENSE"); } });
    QVERIFY(!store);
    QVERIFY2(store.error().message.contains(u"NONSENSE"), qPrintable(store.error().message));
    QVERIFY(store.error().message.contains(path()));
}

void TestStoreThread::secondStoreOnTheSameFile()
{
    auto store = startStore(path());
    const auto second = StoreThread::start(path(), { createRows });
    QVERIFY(!second);
    QVERIFY(second.error().message.contains(m_dir->path()));
}

void TestStoreThread::killedStoreKeepsWhatItAcknowledged()
{
    for (int round = 0; round < 3; ++round) {
        QProcess child;
        child.start(QCoreApplication::applicationFilePath(), { u"--write-until-killed"_s, path() });
        QByteArray printed;
        while (printed.count('\n') < 300) {
            QVERIFY2(child.waitForReadyRead(20000), child.readAllStandardError().constData());
            printed += child.readAllStandardOutput();
        }
        child.kill();
        QVERIFY(child.waitForFinished());
        QCOMPARE(child.exitStatus(), QProcess::CrashExit);
        printed += child.readAllStandardOutput();
        printed.truncate(printed.lastIndexOf('\n'));

        auto store = startStore(path());
        QVERIFY(store->setAside().isEmpty());
        const std::vector<qint64> there = numbers(*store);
        for (const QByteArray &line : printed.split('\n'))
            QVERIFY2(std::binary_search(there.begin(), there.end(), line.toLongLong()), line.constData());
        QVERIFY(writeAndWait(*store, [](Database &database) { return database.execute("DELETE FROM rows"); }));
    }
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (app.arguments().value(1) == u"--write-until-killed")
        return writeUntilKilled(app.arguments().value(2));
    TestStoreThread test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_storethread.moc"
