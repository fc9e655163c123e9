// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/store/database.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestOpenFile final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QString m_path;

    static std::unique_ptr<Database> filled(const QString &path)
    {
        std::unique_ptr<Database> database = Database::open(path).value();
        Status status = database->execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT); BEGIN");
        for (int i = 0; i < 2000 && status; ++i)
            status
                = database->prepare("INSERT INTO t (text) VALUES (?)").bind(1, u"row %1 "_s.repeated(8).arg(i)).run();
        if (!status || !database->execute("COMMIT"))
            qFatal("the database cannot be filled");
        return database;
    }
    void overwrite(qint64 offset, qsizetype bytes)
    {
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.size() > offset + bytes);
        QVERIFY(file.seek(offset));
        QCOMPARE(file.write(QByteArray(bytes, '\x5a')), bytes);
    }

private Q_SLOTS:
    void init() { m_path = m_folder.filePath(QString::fromLatin1(QTest::currentTestFunction()) + u".db"_s); }

    void aSoundFileStaysAsItIs()
    {
        filled(m_path).reset();
        const QStringList before = QDir(m_folder.path()).entryList(QDir::Files);
        const QDateTime changed = QFileInfo(m_path).lastModified();
        QVERIFY(Database::examine(m_path));
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files), before);
        QCOMPARE(QFileInfo(m_path).lastModified(), changed);
    }

    void nothingIsNotDamaged()
    {
        QVERIFY(Database::examine(m_path));
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(Database::examine(m_path));
    }

    void findsWhatAStartWouldFind_data()
    {
        QTest::addColumn<qint64>("offset");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("a page") << qint64(8192) << qint64(8192);
        QTest::newRow("a page's head") << qint64(20480) << qint64(8);
        QTest::newRow("the schema") << qint64(100) << qint64(64);
    }
    void findsWhatAStartWouldFind()
    {
        QFETCH(qint64, offset);
        QFETCH(qint64, bytes);
        QFile::remove(m_path);
        filled(m_path).reset();
        overwrite(offset, bytes);
        const Status found = Database::examine(m_path);
        QVERIFY(!found);
        QVERIFY2(found.error().message.contains(u"a start sets it aside"), qPrintable(found.error().message));
        QVERIFY(!Database::open(m_path).value()->setAside().isEmpty());
        QFile::remove(m_path);
    }

    void aRunningServerIsNotDisturbed()
    {
        const std::unique_ptr<Database> running = filled(m_path);
        QVERIFY(QFileInfo(m_path + u"-wal"_s).size() > 0);
        QVERIFY(Database::examine(m_path));
        QVERIFY(running->execute("INSERT INTO t (text) VALUES ('after')"));
        QVERIFY(Database::examine(m_path));
    }
};

QTEST_GUILESS_MAIN(TestOpenFile)
#include "tst_openfile.moc"
