// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storewatch.h"

#include <atomic>
#include <memory>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/store/database.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// A store thread that this test plays: it takes what is queued, and is stuck or gets on.
class TestStoreWatch final : public QObject
{
    Q_OBJECT

private:
    struct Told
    {
        std::atomic<int> done{ 0 };
        std::atomic<int> late{ 0 };
        std::atomic<bool> isHanging{ true }; ///< every error was of that kind
    };

    /// What a StoreThread has, but for the thread that writes.
    struct Store
    {
        QTemporaryDir directory;
        std::unique_ptr<Database> database = std::move(Database::open(directory.filePath(u"state.db"_s))).value();
        std::unique_ptr<ReaderPool> readers = std::move(ReaderPool::start(directory.filePath(u"state.db"_s))).value();
        ReadGate gate{ *readers };
        StoreQueue queue;
        StoreWatch::Signs signs;

        void write(const std::shared_ptr<Told> &told)
        {
            gate.writeQueued();
            QVERIFY(queue.add({ [](Database &) { return ok(); },
                [told](const Status &status) {
                    told->isHanging = told->isHanging && !status && status.error().field == storeerrors::kHanging;
                    ++told->done;
                },
                [told](const Error &) { ++told->late; } }));
        }
        void read(const std::shared_ptr<Told> &told, bool canBeTold)
        {
            gate.read(
                [told](Database &) {
                    ++told->done;
                    return ReadGate::Turn::Done;
                },
                canBeTold ? ReadGate::Late([told](const Error &) { ++told->late; }) : ReadGate::Late());
        }
    };

    /// One write has begun and does not end; another waits, and a read for the first or for both.
    struct StuckStore : Store
    {
        std::shared_ptr<Told> begun = std::make_shared<Told>();
        std::shared_ptr<Told> waiting = std::make_shared<Told>();
        std::shared_ptr<Told> reader = std::make_shared<Told>();
        StoreQueue::Group group;

        explicit StuckStore(bool canReaderBeTold, bool waitsForBoth = true)
        {
            write(begun);
            if (!queue.take(group, 0ms) || group.size() != 1)
                qFatal("nothing to be stuck with");
            signs.isBusy = true;
            if (!waitsForBoth)
                read(reader, canReaderBeTold);
            write(waiting);
            if (waitsForBoth)
                read(reader, canReaderBeTold);
        }
    };

private Q_SLOTS:
    void tellsWhoWaits()
    {
        StuckStore store(true);
        const StoreWatch watch(store.queue, store.gate, store.signs, u"/state.db"_s, 1ms);
        QTRY_VERIFY(store.signs.isHanging);
        QTRY_COMPARE(store.waiting->done.load(), 1); // it has not begun, and will not
        QTRY_COMPARE(store.reader->late.load(), 1);
        QTRY_COMPARE(store.begun->late.load(), 1);
        QVERIFY(store.waiting->isHanging);
        QCOMPARE(store.begun->done.load(), 0); // that is for who has taken it
        QCOMPARE(store.signs.refused.load(), 1);
        const auto newcomer = std::make_shared<Told>();
        store.write(newcomer);
        QTRY_COMPARE(newcomer->done.load(), 1);
        QCOMPARE(store.begun->late.load(), 1); // once
        store.signs.isBusy = false;
        ++store.signs.steps;
        QTRY_VERIFY(!store.signs.isHanging);
        QVERIFY(!store.gate.isQuiet());
        store.gate.written(1); // the disk has answered
        QTRY_VERIFY(store.gate.isQuiet());
        QCOMPARE(store.reader->done.load(), 0);
        store.queue.stop();
        StoreQueue::Group rest;
        QVERIFY(!store.queue.take(rest, 0ms));
    }

    void leavesAReadThatCannotBeTold_data()
    {
        QTest::addColumn<bool>("waitsForBoth");
        QTest::newRow("behind what is refused") << true;
        QTest::newRow("before it") << false;
    }
    void leavesAReadThatCannotBeTold()
    {
        QFETCH(bool, waitsForBoth);
        StuckStore store(false, waitsForBoth);
        const StoreWatch watch(store.queue, store.gate, store.signs, u"/state.db"_s, 1ms);
        QTRY_COMPARE(store.waiting->done.load(), 1);
        const auto newcomer = std::make_shared<Told>();
        store.write(newcomer);
        QTRY_COMPARE(newcomer->done.load(), 1); // the watch has looked once more
        QCOMPARE(store.reader->done.load(), 0);
        store.gate.written(1);
        QTRY_COMPARE(store.reader->done.load(), 1);
        QTRY_VERIFY(store.gate.isQuiet());
    }

    void whoDoesNotWaitForAWriteReads()
    {
        Store store;
        store.signs.isBusy = true;
        const StoreWatch watch(store.queue, store.gate, store.signs, u"/state.db"_s, 1ms);
        QTRY_VERIFY(store.signs.isHanging);
        const auto reader = std::make_shared<Told>();
        store.read(reader, true);
        QTRY_COMPARE(reader->done.load(), 1);
        QCOMPARE(reader->late.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TestStoreWatch)
#include "tst_storewatch.moc"
