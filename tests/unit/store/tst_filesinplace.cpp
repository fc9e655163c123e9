// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/filesinplace.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestFilesInPlace final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_folder;
    [[nodiscard]] QString path() const { return m_folder + "/state.db"_L1; }
    static void make(const QString &name)
    {
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("x");
    }

private Q_SLOTS:
    void init()
    {
        m_folder = m_dir.filePath(
            QString::fromLatin1(QTest::currentTestFunction()) + QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(QDir().mkpath(m_folder));
        make(path());
        make(path() + "-wal"_L1);
    }

    void isQuietWhileTheyAreWritten()
    {
        const FilesInPlace files(path());
        make(path() + "-shm"_L1);
        QFile file(path());
        QVERIFY(file.open(QIODevice::Append));
        file.write(QByteArray(10000, 'x'));
        file.close();
        QVERIFY(QFile::resize(path() + "-wal"_L1, 0));
        QCOMPARE(files.trouble(), QString());
    }

    void namesWhatIsMissing_data()
    {
        QTest::addColumn<QString>("suffix");
        QTest::newRow("file") << QString();
        QTest::newRow("log") << u"-wal"_s;
    }

    void namesWhatIsMissing()
    {
        QFETCH(const QString, suffix);
        const FilesInPlace files(path());
        const QString name = path() + suffix;
        QVERIFY(QFile::rename(name, name + ".away"_L1));
        QVERIFY2(files.trouble().contains(name + " is not there"_L1), qPrintable(files.trouble()));
        make(name);
        QVERIFY2(files.trouble().contains(name + " has been replaced"_L1), qPrintable(files.trouble()));
        QVERIFY(QFile::remove(name));
        QVERIFY(QFile::rename(name + ".away"_L1, name)); // the very same
        QCOMPARE(files.trouble(), QString());
    }

    void noticesThatTheFolderIsGone()
    {
        const FilesInPlace files(path());
        QVERIFY(QDir().rename(m_folder, m_folder + ".away"_L1));
        QVERIFY(files.trouble().contains(u"is not there"_s));
    }
};

QTEST_GUILESS_MAIN(TestFilesInPlace)
#include "tst_filesinplace.moc"
