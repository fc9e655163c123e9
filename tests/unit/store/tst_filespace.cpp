// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>

#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sqlite3.h>

#include "server/store/filespace.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// A file as an earlier version made it: it cannot shrink. With rows of about a KiB.
void makeOld(const QString &path, int rows)
{
    sqlite3 *handle = nullptr;
    QCOMPARE(sqlite3_open(path.toUtf8().constData(), &handle), SQLITE_OK);
    const QByteArray sql = "PRAGMA application_id=1195463749; PRAGMA user_version=1; PRAGMA journal_mode=WAL;"
                           "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
                           "ALL SELECT i + 1 FROM n LIMIT "
        + QByteArray::number(rows) + ") INSERT INTO t SELECT i, hex(zeroblob(500)) FROM n";
    QCOMPARE(sqlite3_exec(handle, sql.constData(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
}

qint64 ask(StoreThread &store, const char *sql)
{
    std::promise<qint64> value;
    store.read([&value, sql](Database &database) {
        Statement row = database.prepare(sql);
        value.set_value(row.nextRow() ? row.integer(0) : -1);
    });
    return value.get_future().get();
}

Status execute(StoreThread &store, const char *sql)
{
    std::promise<Status> done;
    store.write([sql](Database &database) { return database.execute(sql); },
        [&done](const Status &status) { done.set_value(status); });
    return done.get_future().get();
}

} // namespace

class TestFileSpace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void aNewFileCanShrink()
    {
        auto store = StoreThread::start(path(), {});
        QVERIFY(store);
        QCOMPARE(ask(**store, "PRAGMA auto_vacuum"), 2);
    }

    void anOldFileIsRewrittenOnce()
    {
        makeOld(path(), 2000);
        for (int start = 0; start < 2; ++start) {
            auto store = StoreThread::start(path(), {});
            QVERIFY(store);
            QVERIFY((*store)->setAside().isEmpty());
            QCOMPARE(ask(**store, "PRAGMA auto_vacuum"), 2);
            QCOMPARE(ask(**store, "SELECT COUNT(*) FROM t WHERE length(text) = 1000"), 2000);
            QCOMPARE(ask(**store, "SELECT 1 FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
        }
    }

    void aLargeOldFileStaysAsItIs()
    {
        makeOld(path(), 2000);
        sqlite3 *handle = nullptr;
        QCOMPARE(sqlite3_open(path().toUtf8().constData(), &handle), SQLITE_OK);
        filespace::prepare(handle, 1'000'000);
        sqlite3_close(handle);
        QCOMPARE(sqlite3_open(path().toUtf8().constData(), &handle), SQLITE_OK);
        sqlite3_stmt *row = nullptr;
        QCOMPARE(sqlite3_prepare_v2(handle, "PRAGMA auto_vacuum", -1, &row, nullptr), SQLITE_OK);
        QCOMPARE(sqlite3_step(row), SQLITE_ROW);
        QCOMPARE(sqlite3_column_int(row, 0), 0);
        sqlite3_finalize(row);
        sqlite3_close(handle);
    }

    void whatIsDeletedGoesBackInPortions()
    {
        makeOld(path(), 20'000); // 20 MB
        {
            auto store = StoreThread::start(path(), {});
            QVERIFY(store);
            const qint64 pages = ask(**store, "PRAGMA page_count");
            QVERIFY(execute(**store, "DELETE FROM t WHERE id > 100"));
            filespace::giveBack(**store);
            QVERIFY(ask(**store, "PRAGMA page_count") > pages / 2); // other work comes in between
            QTRY_VERIFY(ask(**store, "PRAGMA page_count") < 100 + filespace::kKeptPages);
            QVERIFY(ask(**store, "PRAGMA page_count") > filespace::kKeptPages / 2); // what comes next finds room
            QCOMPARE(ask(**store, "SELECT COUNT(*) FROM t WHERE length(text) = 1000"), 100);
            filespace::giveBack(**store); // has nothing to do
            QVERIFY(execute(**store, "INSERT INTO t (text) VALUES ('one more')"));
            QCOMPARE((*store)->failures(), 0);
        }
        QVERIFY(QFileInfo(path()).size() < 6'000'000);
    }

private:
    [[nodiscard]] QString path() const { return m_dir->filePath(u"state.sqlite"_s); }

    std::unique_ptr<QTemporaryDir> m_dir;
};

QTEST_GUILESS_MAIN(TestFileSpace)
#include "tst_filespace.moc"
