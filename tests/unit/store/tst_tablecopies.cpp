// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/tablecopies.h"

#include <future>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/store/storethread.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

Status createTables(Database &database)
{
    return database.execute("CREATE TABLE IF NOT EXISTS ban (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
                            "CREATE TABLE IF NOT EXISTS revision (number INTEGER PRIMARY KEY, text TEXT);"
                            "CREATE TABLE IF NOT EXISTS other (n INTEGER)");
}

const QByteArrayList kTables{ "ban", "revision" };

} // namespace

class TestTableCopies final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    [[nodiscard]] QString path() const { return m_dir->filePath(u"state.db"_s); }
    [[nodiscard]] QString copyPath() const { return TableCopies::pathOf(path()); }

    [[nodiscard]] std::unique_ptr<StoreThread> start() const
    {
        DatabaseOptions options;
        options.keptTables = kTables;
        Result<std::unique_ptr<StoreThread>> store = StoreThread::start(path(), { &createTables }, options);
        if (!store)
            qFatal("%s", qPrintable(store.error().message));
        return std::move(store).value();
    }
    static Status execute(StoreThread &store, const char *sql)
    {
        std::promise<Status> done;
        store.write([sql](Database &database) { return database.execute(sql); },
            [&done](const Status &status) { done.set_value(status); });
        return done.get_future().get();
    }
    /// What the copy has now, as "id=value" of both tables.
    [[nodiscard]] QStringList copied() const
    {
        QTemporaryDir elsewhere;
        const QString other = elsewhere.filePath(u"state.db"_s);
        if (!QFile::copy(copyPath(), TableCopies::pathOf(other)))
            qFatal("there is no copy");
        const std::unique_ptr<Database> database = std::move(Database::open(other)).value();
        if (!createTables(*database))
            qFatal("no tables");
        QStringList rows;
        for (const QByteArray &table : kTables) {
            const Result<bool> isRestored = TableCopies::restore(*database, other, table);
            if (!isRestored || !*isRestored)
                return { u"none of "_s + QString::fromUtf8(table) };
            const QByteArray sql = "SELECT * FROM " + table;
            for (Statement row = database->prepare(sql.constData()); row.nextRow();)
                rows.append(row.text(0) + u'=' + row.text(1));
        }
        return rows;
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void hasEveryChangeBeforeItIsAnswered()
    {
        const std::unique_ptr<StoreThread> store = start();
        QVERIFY(execute(*store, "INSERT INTO ban VALUES ('a', 'one'), ('b', 'two')"));
        QCOMPARE(copied(), (QStringList{ u"a=one"_s, u"b=two"_s }));
        QVERIFY(
            execute(*store, "INSERT OR REPLACE INTO ban VALUES ('a', 'three'); INSERT INTO revision VALUES (7, 'r')"));
        QCOMPARE(copied(), (QStringList{ u"a=three"_s, u"b=two"_s, u"7=r"_s }));
        QVERIFY(execute(*store, "UPDATE ban SET id = 'c' WHERE id = 'a'"));
        QCOMPARE(copied(), (QStringList{ u"b=two"_s, u"c=three"_s, u"7=r"_s }));
        QVERIFY(execute(*store, "DELETE FROM ban"));
        QCOMPARE(copied(), QStringList{ u"7=r"_s });
    }

    void hasNothingThatWasRolledBack()
    {
        const std::unique_ptr<StoreThread> store = start();
        QVERIFY(execute(*store, "INSERT INTO ban VALUES ('a', 'one')"));
        QVERIFY(!execute(*store, "INSERT INTO ban VALUES ('b', 'two'); INSERT INTO ban VALUES ('a', 'again')"));
        QCOMPARE(copied(), QStringList{ u"a=one"_s });
    }

    void isNotTouchedByOtherTables()
    {
        const std::unique_ptr<StoreThread> store = start();
        QVERIFY(execute(*store, "INSERT INTO ban VALUES ('a', 'one')"));
        const QDateTime before = QFileInfo(copyPath()).lastModified();
        QFile file(copyPath());
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.setFileTime(before.addDays(-1), QFileDevice::FileModificationTime));
        QVERIFY(execute(*store, "INSERT INTO other VALUES (1)"));
        QCOMPARE(QFileInfo(copyPath()).lastModified(), before.addDays(-1));
    }

    void isPrivate()
    {
        const std::unique_ptr<StoreThread> store = start();
        QCOMPARE(QFileInfo(copyPath()).permissions() & ~(QFile::ReadUser | QFile::WriteUser),
            QFile::ReadOwner | QFile::WriteOwner);
    }

    void isMadeAnewAtTheStart_data()
    {
        QTest::addColumn<QString>("what");
        for (const char *what : { "is gone", "is damaged", "is older", "has another form" })
            QTest::newRow(what) << QString::fromLatin1(what);
    }

    void isMadeAnewAtTheStart()
    {
        QFETCH(const QString, what);
        QVERIFY(execute(*start(), "INSERT INTO ban VALUES ('a', 'one')"));
        QVERIFY(QFile::copy(copyPath(), copyPath() + ".old"_L1));
        QVERIFY(execute(*start(), "INSERT INTO ban VALUES ('b', 'two')"));
        if (what == u"is gone") {
            QVERIFY(QFile::remove(copyPath()));
        } else if (what == u"is damaged") {
            QFile file(copyPath());
            QVERIFY(file.open(QIODevice::ReadWrite));
            file.write(QByteArray(3000, 'x'));
        } else if (what == u"is older") {
            QVERIFY(QFile::remove(copyPath()));
            QVERIFY(QFile::rename(copyPath() + ".old"_L1, copyPath()));
        } else {
            const std::unique_ptr<Database> database = std::move(Database::open(path())).value();
            QVERIFY(database->execute("ALTER TABLE ban ADD COLUMN more TEXT"));
        }
        const std::unique_ptr<StoreThread> store = start();
        QCOMPARE(copied().mid(0, 2), (QStringList{ u"a=one"_s, u"b=two"_s }));
    }
};

QTEST_GUILESS_MAIN(TestTableCopies)
#include "tst_tablecopies.moc"
