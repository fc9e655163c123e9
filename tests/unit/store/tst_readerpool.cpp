// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <future>
#include <mutex>

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/store/database.h"
#include "server/store/readerpool.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

using Turn = ReaderPool::Turn;

namespace {

/// Keeps a portion of a user from returning until it is released.
struct Held
{
    explicit Held(ReaderPool &pool, const QString &who)
    {
        const bool isTaken = pool.add(who, [this, open = released.get_future().share()](Database &) {
            entered.set_value();
            open.wait();
            return Turn::Done;
        });
        if (!isTaken)
            qFatal("the pool is full");
        entered.get_future().wait();
    }
    void release() { released.set_value(); }
    std::promise<void> released;
    std::promise<void> entered;
};

} // namespace

class TestReaderPool final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        Result<std::unique_ptr<Database>> database = Database::open(path());
        QVERIFY(database);
        m_database = std::move(database).value();
        QVERIFY(m_database->execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)"));
        Result<std::unique_ptr<ReaderPool>> pool = ReaderPool::start(path());
        QVERIFY(pool);
        m_pool = std::move(pool).value();
    }
    void cleanup()
    {
        m_pool.reset();
        m_database.reset();
    }

    void portionsOfUsersAlternate()
    {
        Held first(*m_pool, u"hold 1"_s);
        Held second(*m_pool, u"hold 2"_s);
        std::mutex mutex;
        QString served;
        std::promise<void> all;
        for (const QString &who : { u"a"_s, u"b"_s }) {
            QVERIFY(m_pool->add(who, [&, who, left = 5](Database &) mutable {
                bool isLast = false;
                {
                    const std::lock_guard lock(mutex);
                    served += who;
                    isLast = served.size() == 10;
                }
                if (isLast) // from then on the test may end
                    all.set_value();
                return --left > 0 ? Turn::More : Turn::Done;
            }));
        }
        first.release(); // one thread is free for both
        all.get_future().wait();
        QCOMPARE(served, u"ababababab"_s);
        second.release();
    }

    void aUserHasOnePortionUnderWay()
    {
        Held slow(*m_pool, u"a"_s);
        std::atomic<bool> isNextBegun{ false };
        QVERIFY(m_pool->add(u"a"_s, [&](Database &) {
            isNextBegun = true;
            return Turn::Done;
        }));
        std::promise<void> other;
        QVERIFY(m_pool->add(u"b"_s, [&](Database &) {
            other.set_value();
            return Turn::Done;
        }));
        other.get_future().wait(); // is not held up
        QVERIFY(!isNextBegun);
        slow.release();
        QTRY_VERIFY(isNextBegun);
    }

    void whoWaitsHoldsUpNobodyElse()
    {
        std::atomic<int> step{ 0 };
        QVERIFY(m_pool->add(u"a"_s, [&](Database &) {
            step = 1;
            return Turn::Waits;
        }));
        QVERIFY(m_pool->add(u"a"_s, [&](Database &) {
            step = 3;
            return Turn::Done;
        }));
        QTRY_COMPARE(step.load(), 1);
        std::promise<void> other;
        QVERIFY(m_pool->add(u"b"_s, [&](Database &) {
            other.set_value();
            return Turn::Done;
        }));
        other.get_future().wait();
        QCOMPARE(step.load(), 1); // the user's next comes when this one is over
        m_pool->resume(u"a"_s, [&](Database &) {
            step = 2;
            return Turn::Waits;
        });
        QTRY_COMPARE(step.load(), 2);
        m_pool->finish(u"a"_s);
        QTRY_COMPARE(step.load(), 3);
    }

    void readersCannotWrite()
    {
        std::promise<bool> written;
        QVERIFY(m_pool->add(u"a"_s, [&](Database &database) {
            written.set_value(database.execute("INSERT INTO t VALUES (2)").isOk());
            return Turn::Done;
        }));
        QVERIFY(!written.get_future().get());
    }

    void aPortionSeesOneMoment()
    {
        std::promise<std::pair<qint64, qint64>> counts;
        QVERIFY(m_pool->add(u"a"_s, [&, isFirst = true](Database &database) mutable {
            const auto count = [&database] {
                Statement row = database.prepare("SELECT count(*) FROM t");
                return row.nextRow() ? row.integer(0) : -1;
            };
            const qint64 before = count();
            if (std::exchange(isFirst, false)) {
                (void)m_database->execute("INSERT INTO t VALUES (2)"); // nobody else uses it here
                counts.set_value({ before, count() });
            }
            return Turn::Done;
        }));
        QCOMPARE(counts.get_future().get(), std::pair(qint64(1), qint64(1)));
        std::promise<qint64> later;
        QVERIFY(m_pool->add(u"a"_s, [&](Database &database) {
            Statement row = database.prepare("SELECT count(*) FROM t");
            later.set_value(row.nextRow() ? row.integer(0) : -1);
            return Turn::Done;
        }));
        QCOMPARE(later.get_future().get(), 2);
    }

    void isBounded()
    {
        Held slow(*m_pool, u"a"_s);
        const auto nothing = [](Database &) { return Turn::Done; };
        for (qsizetype i = 1; i < ReaderPool::kMostOfOne; ++i)
            QVERIFY(m_pool->add(u"a"_s, nothing));
        QVERIFY(!m_pool->add(u"a"_s, nothing));
        QVERIFY(m_pool->add(u"b"_s, nothing));
        slow.release();
    }

    void saysThatItHasMetDamage()
    {
        QVERIFY(!m_pool->stop());
        QVERIFY(m_database->execute("CREATE TABLE big (text TEXT);"
                                    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 500)"
                                    " INSERT INTO big SELECT hex(zeroblob(500)) FROM c;"
                                    "PRAGMA wal_checkpoint(TRUNCATE)"));
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(file.size() / 2));
        QCOMPARE(file.write(QByteArray(16 * 4096, '\xff')), 16 * 4096);
        file.close();
        Result<std::unique_ptr<ReaderPool>> pool = ReaderPool::start(path());
        QVERIFY(pool);
        std::promise<Status> read;
        QVERIFY((*pool)->add(u"a"_s, [&](Database &database) {
            Statement sum = database.prepare("SELECT sum(length(text)) FROM big");
            (void)sum.nextRow();
            read.set_value(sum.status());
            return Turn::Done;
        }));
        const Status status = read.get_future().get();
        QVERIFY(!status);
        QVERIFY2(status.error().message.contains(u"malformed"), qPrintable(status.error().message));
        QVERIFY((*pool)->stop());
    }

    void noFile() { QVERIFY(!ReaderPool::start(m_dir->filePath(u"another"_s))); }

private:
    QString path() const { return m_dir->filePath(u"state.sqlite"_s); }
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<Database> m_database; ///< for writing
    std::unique_ptr<ReaderPool> m_pool;
};

QTEST_GUILESS_MAIN(TestReaderPool)
#include "tst_readerpool.moc"
