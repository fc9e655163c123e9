// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/rescue.h"

#include <csignal>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/resource.h>

#include "server/store/lossreport.h"
#include "server/store/tablecopies.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

constexpr qint64 kPageBytes = 4096;
constexpr qint64 kRows = 1500;

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS ban (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS note (seq INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS note_by_text ON note (text);"
        "CREATE TABLE IF NOT EXISTS mark (user TEXT, seq INTEGER, PRIMARY KEY (user, seq)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS loose (name TEXT UNIQUE, value BLOB)");
}

Status fill(Database &database)
{
    Status status = database.execute("BEGIN");
    for (qint64 i = 1; status && i <= kRows; ++i) {
        const QString text = QString::number(1'000'000 + i) + QString(60, u'x');
        status = database.prepare("INSERT INTO note (text) VALUES (?)").bind(1, text).run();
        if (status)
            status = database.prepare("INSERT INTO mark VALUES (?, ?)")
                         .bind(1, u"u%1"_s.arg(i % 7) + QString(60, u'x'))
                         .bind(2, i)
                         .run();
        if (status)
            status = database.prepare("INSERT INTO loose VALUES (?, ?)").bind(1, text).bindBlob(2, "b").run();
        if (status && i % 10 == 0)
            status = database.prepare("INSERT INTO ban VALUES (?, ?)").bind(1, text).bind(2, text).run();
    }
    return status ? database.execute("COMMIT") : status;
}

qint64 query(Database &database, const char *sql)
{
    Statement row = database.prepare(sql);
    return row.nextRow() ? row.integer(0) : -1;
}

} // namespace

class TestRescue final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    [[nodiscard]] QString path() const { return m_dir->filePath(u"state.db"_s); }
    [[nodiscard]] static DatabaseOptions options()
    {
        DatabaseOptions options;
        options.createTables = &createTables;
        options.keptTables = { "ban" };
        return options;
    }
    [[nodiscard]] std::unique_ptr<Database> open(const DatabaseOptions &how = options()) const
    {
        Result<std::unique_ptr<Database>> database = Database::open(path(), how);
        if (!database)
            qFatal("%s", qPrintable(database.error().message));
        return std::move(database).value();
    }
    [[nodiscard]] static std::vector<qint64> pages(Database &database, const QString &table)
    {
        std::vector<qint64> found;
        Statement row
            = database.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno");
        row.bind(1, table);
        while (row.nextRow())
            found.push_back(row.integer(0));
        return found;
    }
    /// A filled file with a copy, closed; the leaves of a table.
    [[nodiscard]] std::vector<qint64> make(const QString &table) const
    {
        const std::unique_ptr<Database> database = open();
        if (!createTables(*database) || !fill(*database) || !TableCopies::open(*database, path(), { "ban" }))
            qFatal("the file cannot be made");
        return pages(*database, table);
    }
    void damage(qint64 page) const
    {
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek((page - 1) * kPageBytes));
        file.write(QByteArray(64, '\xff'));
    }
    [[nodiscard]] std::vector<LossReport> losses() const { return LossReport::loadAll(path()); }
    /// Without what belongs to another.
    [[nodiscard]] QStringList files(const QString &pattern) const
    {
        QStringList found = QDir(m_dir->path()).entryList({ pattern });
        found.removeIf([](const QString &name) { return name.endsWith(u"-wal"_s) || name.endsWith(u"-shm"_s); });
        return found;
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void savesAllButTheDamagedPages_data()
    {
        QTest::addColumn<QString>("table");
        QTest::addColumn<QList<double>>("places"); // from 0, the first page, to 1, the last
        for (const char *table : { "note", "mark", "loose" }) {
            const auto row = [table](const char *name, const QList<double> &places) {
                QTest::addRow("%s: %s", table, name) << QString::fromLatin1(table) << places;
            };
            row("one in the middle", { 0.5 });
            row("the first", { 0 });
            row("the last", { 1 });
            row("three", { 0.2, 0.5, 0.8 });
            row("the first and one in the middle", { 0, 0.5 });
            row("one in the middle and the last", { 0.5, 1 });
            row("both ends", { 0, 1 });
        }
    }

    void savesAllButTheDamagedPages()
    {
        QFETCH(const QString, table);
        QFETCH(const QList<double>, places);
        const std::vector<qint64> leaves = make(table);
        QVERIFY(leaves.size() > 10);
        for (const double place : places)
            damage(leaves[size_t(place * double(leaves.size() - 1))]);

        const std::unique_ptr<Database> database = open();
        const QByteArray count = "SELECT count(*) FROM " + table.toUtf8();
        const qint64 saved = query(*database, count.constData());
        const qint64 onAPage = kRows / qint64(leaves.size()) + 1;
        QVERIFY(saved < kRows);
        // A page may hold up to twice of what they hold on average; where both ends are gone, more is not found.
        QVERIFY2(saved >= kRows - 2 * onAPage * places.size() - 1, qPrintable(QString::number(saved)));
        for (const char *other :
            { "SELECT count(*) FROM note", "SELECT count(*) FROM mark", "SELECT count(*) FROM loose" }) {
            if (count != other)
                QCOMPARE(query(*database, other), kRows);
        }
        QCOMPARE(query(*database, "SELECT count(*) FROM ban"), kRows / 10);
        QCOMPARE(query(*database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
        QCOMPARE(losses().size(), size_t(1));
        QCOMPARE(losses()[0].incomplete, QByteArrayList{ table.toUtf8() });
        QCOMPARE(losses()[0].file, database->setAside());
        QVERIFY(losses()[0].unguarded.isEmpty() && losses()[0].fromCopy.isEmpty());
        QVERIFY(QFile::exists(database->setAside()));
    }

    void givesNoNumberOutTwice()
    {
        const std::vector<qint64> leaves = make(u"note"_s);
        damage(leaves.back());
        const std::unique_ptr<Database> database = open();
        QVERIFY(query(*database, "SELECT max(seq) FROM note") < kRows);
        QVERIFY(database->execute("INSERT INTO note (text) VALUES ('new')"));
        QCOMPARE(query(*database, "SELECT max(seq) FROM note"), kRows + 1);
    }

    void anIndexCostsNothing()
    {
        damage(make(u"note_by_text"_s)[0]);
        const std::unique_ptr<Database> database = open();
        QCOMPARE(query(*database, "SELECT count(*) FROM note"), kRows);
        QVERIFY(losses()[0].incomplete.isEmpty());
        QVERIFY(losses()[0].sentence().contains(u"nothing was lost"_s));
    }

    void takesTheCopyOfWhatMustNotBeMissing()
    {
        damage(make(u"ban"_s)[1]);
        const std::unique_ptr<Database> database = open();
        QCOMPARE(query(*database, "SELECT count(*) FROM ban"), kRows / 10);
        QCOMPARE(losses()[0].fromCopy, QByteArrayList{ "ban" });
        QVERIFY(losses()[0].unguarded.isEmpty());
    }

    void saysThatThereIsNoCopy_data()
    {
        QTest::addColumn<bool>("isThere");
        QTest::newRow("none") << false;
        QTest::newRow("a damaged one") << true;
    }

    void saysThatThereIsNoCopy()
    {
        QFETCH(const bool, isThere);
        damage(make(u"ban"_s)[1]);
        QFile copy(TableCopies::pathOf(path()));
        if (isThere) {
            QVERIFY(copy.open(QIODevice::ReadWrite));
            copy.write(QByteArray(5000, 'x'));
            copy.close();
        } else {
            QVERIFY(copy.remove());
        }
        const std::unique_ptr<Database> database = open();
        QCOMPARE(losses()[0].unguarded, QByteArrayList{ "ban" });
        const qint64 saved = query(*database, "SELECT count(*) FROM ban");
        QVERIFY(saved > 0 && saved < kRows / 10); // what can be read holds
    }

    void beginsAnewWhereNothingCanBeRead_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("no database") << QByteArray(200'000, 'x');
        QTest::newRow("zeros") << QByteArray(200'000, '\0');
        QTest::newRow("few bytes") << QByteArray("SQLite format 3");
        QTest::newRow("gone") << QByteArray();
    }

    void beginsAnewWhereNothingCanBeRead()
    {
        QFETCH(const QByteArray, content);
        (void)make(u"ban"_s);
        QVERIFY(QFile::remove(path()));
        if (!content.isEmpty()) {
            QFile file(path());
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(content);
        }
        const std::unique_ptr<Database> database = open();
        QCOMPARE(query(*database, "SELECT count(*) FROM ban"), kRows / 10);
        QCOMPARE(query(*database, "SELECT count(*) FROM note"), 0);
        QCOMPARE(losses().size(), size_t(1));
        QVERIFY(losses()[0].incomplete.contains("note"));
        QCOMPARE(losses()[0].file.isEmpty(), content.isEmpty());
        QCOMPARE(database->setAside().isEmpty(), content.isEmpty());
    }

    void aNewFileIsNoLoss()
    {
        const std::unique_ptr<Database> database = open();
        QVERIFY(losses().empty());
    }

    void aFullDiskLeavesEverythingAsItWas()
    {
        damage(make(u"note"_s)[3]);
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray before = file.readAll();
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit unlimited{};
        ::getrlimit(RLIMIT_FSIZE, &unlimited);
        const rlimit little{ 100'000, unlimited.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &little);
        const Result<std::unique_ptr<Database>> refused = Database::open(path(), options());
        ::setrlimit(RLIMIT_FSIZE, &unlimited);
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(path()), qPrintable(refused.error().message));
        QVERIFY2(refused.error().message.contains(u"damaged"_s), qPrintable(refused.error().message));
        file.seek(0);
        QCOMPARE(file.readAll(), before);
        QCOMPARE(files(u"*.salvag*"_s), QStringList());
        QVERIFY(losses().empty());
        QVERIFY(query(*open(), "SELECT count(*) FROM note") > kRows / 2);
    }

    void goesOnAfterAKillInBetween_data()
    {
        QTest::addColumn<bool>("isMovedAside");
        QTest::newRow("the new file was ready") << false;
        QTest::newRow("the damaged file was moved away too") << true;
    }

    void goesOnAfterAKillInBetween()
    {
        QFETCH(const bool, isMovedAside);
        damage(make(u"note"_s)[3]);
        { // as it is just before its last step
            const std::unique_ptr<Database> saved = open();
        }
        const QString aside = losses()[0].file;
        QVERIFY(QFile::rename(path(), path() + ".salvaged"_L1));
        QVERIFY(QFile::remove(path() + ".clean"_L1));
        if (!isMovedAside)
            QVERIFY(QFile::rename(aside, path()));
        QFile draft(path() + ".salvaging"_L1); // and half of an earlier one
        QVERIFY(draft.open(QIODevice::WriteOnly));
        draft.write("half");
        draft.close();
        const std::unique_ptr<Database> database = open();
        QVERIFY(query(*database, "SELECT count(*) FROM note") > kRows / 2);
        QCOMPARE(query(*database, "SELECT count(*) FROM ban"), kRows / 10);
        QVERIFY(!QFile::exists(path() + ".salvaged"_L1));
        QCOMPARE(files(u"*.corrupt-*"_s).size(), 1);
    }

    /// From the first renaming on the new file may come to be in use: by then the loss is told of.
    void tellsOfTheLossFirst()
    {
        damage(make(u"note"_s)[3]);
        QVERIFY(QDir().mkpath(path() + ".salvaged/in the way"_L1));
        QVERIFY(!Database::open(path(), options()));
        QCOMPARE(losses().size(), size_t(1));
        QVERIFY(losses()[0].incomplete.contains("note"));
        QVERIFY(QFile::exists(path()));
        QCOMPARE(files(u"*.corrupt-*"_s), QStringList());
        QVERIFY(QDir(path() + ".salvaged"_L1).removeRecursively());
        QVERIFY(query(*open(), "SELECT count(*) FROM note") > kRows / 2);
        QVERIFY(QFile::exists(losses().back().file));
    }

    void canBeEndedWhileItReads()
    {
        damage(make(u"note"_s)[3]);
        DatabaseOptions how = options();
        for (const bool isSalvage : { false, true }) {
            how.watch = [isSalvage](const ReadingProgress &progress) { return progress.isSalvage != isSalvage; };
            const Result<std::unique_ptr<Database>> ended = Database::open(path(), how);
            QVERIFY(!ended);
            QCOMPARE(ended.error().field, QString(storeerrors::kStopped));
            QVERIFY(QFile::exists(path()));
            QCOMPARE(files(u"*.corrupt-*"_s), QStringList());
            QVERIFY(losses().empty());
        }
        QVERIFY(query(*open(), "SELECT count(*) FROM note") > kRows / 2);
    }

    void tellsHowFarItIs()
    {
        (void)make(u"note"_s);
        QVERIFY(QFile::remove(path() + ".clean"_L1));
        qint64 last = 0;
        DatabaseOptions how = options();
        how.watch = [&](const ReadingProgress &progress) {
            if (progress.readBytes < last || progress.isSalvage)
                qFatal("it goes back");
            last = progress.readBytes;
            return progress.fileBytes == QFileInfo(path()).size();
        };
        const std::unique_ptr<Database> database = open(how);
        QVERIFY(last >= QFileInfo(path()).size() / 2);
        QVERIFY(database->setAside().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestRescue)
#include "tst_rescue.moc"
