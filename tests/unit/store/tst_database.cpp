// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/stat.h>

#include "server/store/database.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

qint64 queryInteger(Database &database, const char *sql)
{
    Statement statement = database.prepare(sql);
    return statement.nextRow() ? statement.integer(0) : -1;
}

void fill(Database &database)
{
    QVERIFY(database.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT); BEGIN"));
    for (int i = 0; i < 2000; ++i)
        QVERIFY(database.prepare("INSERT INTO t (text) VALUES (?)").bind(1, u"row %1 "_s.repeated(8).arg(i)).run());
    QVERIFY(database.execute("COMMIT"));
}

} // namespace

class TestDatabase final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void keepsData();
    void usesWalAndFullSync();
    void statementTypes();
    void statementKeepsTheFirstFailure();
    void sameStatementTwiceAtOnce();
    void changedTextAtTheSameAddress();
    void refusesASecondOpener();
    void setsCorruptFilesAside_data();
    void setsCorruptFilesAside();
    void setsAsideTwiceInASecond();
    void trustsAFileThatWasClosedWell();
    void readsThroughWhatMayHaveChanged_data();
    void readsThroughWhatMayHaveChanged();
    void damageThatIsMetIsLookedIntoAtTheNextStart();
    void examines_data();
    void examines();
    void examinesBesideARunningServer();
    void refusesTheImpossible_data();
    void refusesTheImpossible();
    void leavesForeignDatabasesAlone();
    void leavesNewerFormatsAlone();
    void filesArePrivate();

private:
    QString path() const { return m_dir->filePath(u"state.sqlite"_s); }
    void makeFilled() const
    {
        auto database = Database::open(path(), { .alwaysReadThroughBytes = 0 });
        QVERIFY(database);
        fill(**database);
    }
    /// Damages a page in the middle, leaving size and time as they were.
    void damageUnseen() const
    {
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadWrite | QIODevice::Unbuffered));
        file.seek(4096 * 3);
        file.write(QByteArray(4096, '\0'));
        setTimes(file.handle());
    }
    void rememberTimes() { QCOMPARE(::stat(QFile::encodeName(path()).constData(), &m_status), 0); }
    void setTimes(int fd) const
    {
        const timespec times[2]{ m_status.st_atim, m_status.st_mtim };
        QCOMPARE(::futimens(fd, times), 0);
    }
    struct stat m_status
    {
    };
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestDatabase::keepsData()
{
    {
        auto database = Database::open(path());
        QVERIFY2(database, database ? "" : qPrintable(database.error().message));
        QVERIFY((*database)->setAside().isEmpty());
        fill(**database);
    }
    auto again = Database::open(path());
    QVERIFY(again);
    QVERIFY((*again)->setAside().isEmpty());
    QCOMPARE(queryInteger(**again, "SELECT count(*) FROM t"), 2000);
}

void TestDatabase::usesWalAndFullSync()
{
    auto database = Database::open(path());
    QVERIFY(database);
    Statement mode = (*database)->prepare("PRAGMA journal_mode");
    QVERIFY(mode.nextRow());
    QCOMPARE(mode.text(0), u"wal"_s);
    QCOMPARE(queryInteger(**database, "PRAGMA synchronous"), 2);
}

void TestDatabase::statementTypes()
{
    auto opened = Database::open(path());
    QVERIFY(opened);
    Database &database = **opened;
    QVERIFY(database.execute("CREATE TABLE v (i, r, t, b, n, e)"));
    const QString text = u"ก \U0001F600 nul\0l"_s;
    QVERIFY(database.prepare("INSERT INTO v VALUES (?, ?, ?, ?, ?, ?)")
                .bind(1, qint64(-9007199254740993))
                .bind(2, 0.1)
                .bind(3, text)
                .bindBlob(4, QByteArray("\0\xff\x80", 3))
                .bindNull(5)
                .bind(6, QString())
                .run());
    QCOMPARE(database.changes(), 1);
    QCOMPARE(database.lastInsertRowId(), 1);
    Statement row = database.prepare("SELECT * FROM v");
    QVERIFY(row.nextRow());
    QCOMPARE(row.integer(0), qint64(-9007199254740993));
    QCOMPARE(row.real(1), 0.1);
    QCOMPARE(row.text(2), text);
    QCOMPARE(row.blob(3), QByteArray("\0\xff\x80", 3));
    QVERIFY(row.isNull(4));
    QVERIFY(!row.isNull(5));
    QVERIFY(row.text(5).isEmpty());
    QVERIFY(!row.nextRow());
    QVERIFY(row.status());
}

void TestDatabase::statementKeepsTheFirstFailure()
{
    auto opened = Database::open(path());
    QVERIFY(opened);
    Database &database = **opened;
    Statement missing = database.prepare("SELECT * FROM nowhere WHERE a = ?");
    missing.bind(1, qint64(1));
    QVERIFY(!missing.nextRow());
    QVERIFY(!missing.status());
    QVERIFY2(missing.status().error().message.contains(u"nowhere"), qPrintable(missing.status().error().message));
    QVERIFY(missing.status().error().message.contains(path()));
    QCOMPARE(missing.integer(0), 0);
    QVERIFY(missing.text(0).isEmpty());

    QVERIFY(database.execute("CREATE TABLE u (a INTEGER UNIQUE)"));
    Statement insert = database.prepare("INSERT INTO u VALUES (?)");
    QVERIFY(insert.bind(1, qint64(1)).run());
    const Status twice = insert.bind(1, qint64(1)).run();
    QVERIFY(!twice);
    QVERIFY2(twice.error().message.contains(u"2067"), qPrintable(twice.error().message)); // SQLITE_CONSTRAINT_UNIQUE
    QVERIFY(!insert.bind(1, qint64(2)).run());
    QVERIFY(!database.prepare("INSERT INTO u VALUES (?)").bind(2, qint64(1)).run()); // no such position
    QVERIFY(!database.execute("CREATE TABEL x (a)"));
}

void TestDatabase::sameStatementTwiceAtOnce()
{
    auto opened = Database::open(path());
    QVERIFY(opened);
    fill(**opened);
    const auto all = [&] { return (*opened)->prepare("SELECT id FROM t ORDER BY id"); };
    Statement outer = all();
    qint64 pairs = 0;
    for (int i = 0; i < 3 && outer.nextRow(); ++i) {
        Statement inner = all();
        for (int j = 0; j < 3 && inner.nextRow(); ++j)
            pairs += outer.integer(0) * 10 + inner.integer(0) > 0 ? 1 : 0;
        QCOMPARE(outer.integer(0), i + 1);
    }
    QCOMPARE(pairs, 9);
}

void TestDatabase::changedTextAtTheSameAddress()
{
    auto opened = Database::open(path());
    QVERIFY(opened);
    char sql[] = "SELECT 1";
    QCOMPARE(queryInteger(**opened, sql), 1);
    sql[7] = '2';
    QCOMPARE(queryInteger(**opened, sql), 2);
}

void TestDatabase::refusesASecondOpener()
{
    auto first = Database::open(path());
    QVERIFY(first);
    const auto second = Database::open(path());
    QVERIFY(!second);
    QVERIFY2(second.error().message.contains(m_dir->path()), qPrintable(second.error().message));
    QVERIFY(second.error().message.contains(u"in use by process %1"_s.arg(QCoreApplication::applicationPid())));
    QVERIFY(!second.error().message.contains(u'\n'));
    QVERIFY((*first)->execute("CREATE TABLE undisturbed (a)"));
    *first = nullptr;
    QVERIFY(Database::open(path()));
}

void TestDatabase::setsCorruptFilesAside_data()
{
    QTest::addColumn<QString>("damage");
    for (const char *damage : { "garbage", "few bytes", "wrong header", "truncated", "half a page", "zeroed page" })
        QTest::newRow(damage) << QString::fromLatin1(damage);
}

void TestDatabase::setsCorruptFilesAside()
{
    QFETCH(const QString, damage);
    {
        auto database = Database::open(path());
        QVERIFY(database);
        fill(**database);
    }
    QFile file(path());
    QVERIFY(file.open(QIODevice::ReadWrite));
    if (damage == u"garbage") {
        file.write(QByteArray(20000, 'x'));
    } else if (damage == u"few bytes") {
        file.resize(0);
        file.write("not a database");
    } else if (damage == u"wrong header") {
        file.write("SQLite format 9");
    } else if (damage == u"truncated") {
        file.resize(file.size() / 2 / 4096 * 4096);
    } else if (damage == u"half a page") {
        file.resize(file.size() - 2000);
    } else {
        file.seek(4096 * 3);
        file.write(QByteArray(4096, '\0'));
    }
    file.seek(0);
    const QByteArray damaged = file.readAll();
    file.close();

    auto database = Database::open(path());
    QVERIFY2(database, database ? "" : qPrintable(database.error().message));
    const QString aside = (*database)->setAside();
    QVERIFY2(aside.startsWith(path() + ".corrupt-2"_L1), qPrintable(aside));
    QFile kept(aside);
    QVERIFY(kept.open(QIODevice::ReadOnly));
    QCOMPARE(kept.readAll(), damaged);
    fill(**database);
    QCOMPARE(queryInteger(**database, "SELECT count(*) FROM t"), 2000);
}

void TestDatabase::setsAsideTwiceInASecond()
{
    QStringList names;
    for (int i = 0; i < 3; ++i) {
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(5000, char('a' + i)));
        file.close();
        auto database = Database::open(path());
        QVERIFY(database);
        names << (*database)->setAside();
    }
    QCOMPARE(names.removeDuplicates(), 0);
    for (const QString &name : names)
        QCOMPARE(QFileInfo(name).size(), 5000);
}

void TestDatabase::trustsAFileThatWasClosedWell()
{
    makeFilled();
    QVERIFY(QFile::exists(path() + ".clean"_L1));
    rememberTimes();
    damageUnseen();
    const auto database = Database::open(path(), { .alwaysReadThroughBytes = 0 });
    QVERIFY(database);
    QVERIFY((*database)->setAside().isEmpty()); // it was not read through, or the damage would have been found
    QVERIFY(!QFile::exists(path() + ".clean"_L1));
}

void TestDatabase::readsThroughWhatMayHaveChanged_data()
{
    QTest::addColumn<QString>("doubt");
    QTest::addColumn<qint64>("alwaysBytes");
    QTest::newRow("no mark, as after a crash") << u"no mark"_s << qint64(0);
    QTest::newRow("empty mark") << u"empty mark"_s << qint64(0);
    QTest::newRow("garbage for a mark") << u"garbage"_s << qint64(0);
    QTest::newRow("touched since") << u"touched"_s << qint64(0);
    QTest::newRow("a log is there") << u"log"_s << qint64(0);
    QTest::newRow("a small file") << QString() << DatabaseOptions::kAlwaysReadThroughBytes;
}

void TestDatabase::readsThroughWhatMayHaveChanged()
{
    QFETCH(const QString, doubt);
    QFETCH(const qint64, alwaysBytes);
    makeFilled();
    rememberTimes();
    damageUnseen();
    QFile mark(path() + ".clean"_L1);
    if (doubt == u"no mark") {
        QVERIFY(mark.remove());
    } else if (doubt == u"empty mark") {
        QVERIFY(mark.resize(0));
    } else if (doubt == u"garbage") {
        QVERIFY(mark.open(QIODevice::WriteOnly));
        mark.write(QByteArray(100'000, '7'));
        mark.close();
    } else if (doubt == u"touched") {
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(5), QFileDevice::FileModificationTime));
    } else if (doubt == u"log") {
        QFile log(path() + "-wal"_L1);
        QVERIFY(log.open(QIODevice::WriteOnly));
    }
    const auto database = Database::open(path(), { .alwaysReadThroughBytes = alwaysBytes });
    QVERIFY(database);
    QVERIFY(!(*database)->setAside().isEmpty());
}

void TestDatabase::damageThatIsMetIsLookedIntoAtTheNextStart()
{
    makeFilled();
    rememberTimes();
    damageUnseen();
    {
        const auto database = Database::open(path(), { .alwaysReadThroughBytes = 0 });
        QVERIFY(database);
        QVERIFY((*database)->setAside().isEmpty());
        Statement sum = (*database)->prepare("SELECT sum(length(text)) FROM t");
        QVERIFY(!sum.nextRow());
        QVERIFY2(sum.status().error().message.contains(u"malformed"), qPrintable(sum.status().error().message));
    }
    QVERIFY(!QFile::exists(path() + ".clean"_L1));
    const auto again = Database::open(path(), { .alwaysReadThroughBytes = 0 });
    QVERIFY(again);
    QVERIFY(QFile::exists((*again)->setAside()));
}

void TestDatabase::examines_data()
{
    QTest::addColumn<QByteArray>("sql"); // what is done to a good file; "-": it is replaced by `content`
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("words"); // empty: it can be used
    QTest::newRow("good") << QByteArray() << QByteArray() << QString();
    QTest::newRow("another program's") << QByteArray("PRAGMA application_id=4711") << QByteArray()
                                       << u"another program"_s;
    QTest::newRow("newer") << QByteArray("PRAGMA user_version=99") << QByteArray()
                           << u"newer version of Gatehouse (format 99)"_s;
    QTest::newRow("empty") << QByteArray("-") << QByteArray() << QString();
    QTest::newRow("short") << QByteArray("-") << QByteArray("SQLite format 3\0", 16) << u"corrupt"_s;
    QTest::newRow("garbage") << QByteArray("-") << QByteArray(5000, 'x') << u"corrupt"_s;
    QTest::newRow("another format") << QByteArray("-") << QByteArray("SQLite format 9\0", 16).append(5000, '\0')
                                    << u"corrupt"_s;
}

void TestDatabase::examines()
{
    QFETCH(const QByteArray, sql);
    QFETCH(const QByteArray, content);
    QFETCH(const QString, words);
    QVERIFY(Database::examine(path())); // it can be made
    QVERIFY(!QFile::exists(path()));
    if (sql != "-") {
        auto database = Database::open(path());
        QVERIFY(database);
        QVERIFY((*database)->execute(sql.constData()));
    } else {
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    const Status usable = Database::examine(path());
    QCOMPARE(usable.isOk(), words.isEmpty());
    if (!words.isEmpty()) {
        QVERIFY2(usable.error().message.contains(words), qPrintable(usable.error().message));
        QVERIFY(usable.error().message.contains(path()));
    }
}

void TestDatabase::examinesBesideARunningServer()
{
    auto database = Database::open(path());
    QVERIFY(database);
    fill(**database);
    QVERIFY(Database::examine(path()));
    fill(**database);
    QCOMPARE(queryInteger(**database, "SELECT count(*) FROM t"), 4000);
    QVERIFY(!Database::examine(m_dir->path())); // a directory
}

void TestDatabase::refusesTheImpossible_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("named");
    const auto row
        = [](const char *tag, const QString &path, const QString &named) { QTest::newRow(tag) << path << named; };
    row("no directory", u"%1/none/state.sqlite"_s, u"%1/none: No such file or directory"_s);
    row("the directory is a file", u"%1/file/state.sqlite"_s, u"%1/file: Not a directory"_s);
    row("a place that takes no files", u"/proc/state.sqlite"_s, u"/proc: "_s);
    row("the file is a directory", u"%1/folder"_s, u"%1/folder: Is a directory"_s);
}

void TestDatabase::refusesTheImpossible()
{
    QFETCH(const QString, path);
    QFETCH(const QString, named);
    QFile file(m_dir->filePath(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(QDir(m_dir->path()).mkdir(u"folder"_s));
    const auto inDir = [this](const QString &text) { return text.contains(u'%') ? text.arg(m_dir->path()) : text; };
    const auto database = Database::open(inDir(path));
    QVERIFY(!database);
    const QString message = database.error().message;
    QVERIFY2(message.contains(inDir(named)), qPrintable(message));
    QVERIFY(!message.contains(u'\n'));
    QCOMPARE(database.error().field, u"STATE_DIR"_s);
}

void TestDatabase::leavesForeignDatabasesAlone()
{
    {
        auto database = Database::open(path());
        QVERIFY(database);
        fill(**database);
        QVERIFY((*database)->execute("PRAGMA application_id=4711"));
    }
    const auto database = Database::open(path());
    QVERIFY(!database);
    QVERIFY(database.error().message.contains(u"another program"));
    QVERIFY(database.error().message.contains(path()));
    QCOMPARE(QDir(m_dir->path()).entryList({ u"*corrupt*"_s }).size(), 0);
}

void TestDatabase::leavesNewerFormatsAlone()
{
    {
        auto database = Database::open(path());
        QVERIFY(database);
        fill(**database);
        QVERIFY((*database)->execute("PRAGMA user_version=99"));
    }
    const auto database = Database::open(path());
    QVERIFY(!database);
    QVERIFY(database.error().message.contains(u"newer version"));
}

void TestDatabase::filesArePrivate()
{
    auto database = Database::open(path());
    QVERIFY(database);
    fill(**database);
    for (const QFileInfo &file : QDir(m_dir->path()).entryInfoList(QDir::Files)) {
        const QFile::Permissions others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY2(!(file.permissions() & others), qPrintable(file.fileName()));
    }
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
