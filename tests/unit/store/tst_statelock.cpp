// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/wait.h>
#include <unistd.h>

#include "server/store/statelock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestStateLock final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString path() const { return m_dir->filePath(u"gatehouse.db"_s); }
    QByteArray lockFile() const
    {
        QFile file(path() + ".lock"_L1);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("none");
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void oneAtATime()
    {
        auto first = StateLock::acquire(path());
        QVERIFY(first);
        const QFile::Permissions others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY(!(QFile(path() + ".lock"_L1).permissions() & others));
        const auto second = StateLock::acquire(path());
        QVERIFY(!second);
        QCOMPARE(second.error().field, u"STATE_DIR"_s);
        QVERIFY(second.error().message.contains(m_dir->path()));
        QVERIFY(second.error().message.contains(u"process %1"_s.arg(QCoreApplication::applicationPid())));
        *first = nullptr;
        QVERIFY(StateLock::acquire(path()));
    }

    void otherStateFilesAreFree()
    {
        const auto first = StateLock::acquire(path());
        QVERIFY(first);
        QVERIFY(StateLock::acquire(m_dir->filePath(u"other.db"_s)));
    }

    void namesItsOwner()
    {
        QFile old(path() + ".lock"_L1);
        QVERIFY(old.open(QIODevice::WriteOnly));
        old.write("12345678901234567890 of another time\n"); // longer than a process id
        old.close();
        const auto lock = StateLock::acquire(path());
        QVERIFY(lock);
        QCOMPARE(lockFile(), QByteArray::number(QCoreApplication::applicationPid()) + '\n');
    }

    void aFileLeftBehindMeansNothing()
    {
        QVERIFY(StateLock::acquire(path())); // and gone at once
        QVERIFY(QFile::exists(path() + ".lock"_L1));
        QVERIFY(StateLock::acquire(path()));
    }

    void anEmptyLockFileIsOfAnotherProcess()
    {
        const auto lock = StateLock::acquire(path());
        QVERIFY(lock);
        QVERIFY(QFile::resize(path() + ".lock"_L1, 0));
        QVERIFY(StateLock::acquire(path()).error().message.contains(u"in use by another process"));
    }

    void endsWithTheProcessHoweverItEnds()
    {
        int ready[2];
        QCOMPARE(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto lock = StateLock::acquire(path());
            const char said = lock ? 'y' : 'n';
            if (::write(ready[1], &said, 1) != 1)
                ::_exit(1);
            ::pause();
            ::_exit(0);
        }
        char said = 0;
        QCOMPARE(::read(ready[0], &said, 1), 1);
        QCOMPARE(said, 'y');
        const auto refused = StateLock::acquire(path());
        QVERIFY(!refused);
        QVERIFY(refused.error().message.contains(u"in use by process %1"_s.arg(child)));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
        QVERIFY(StateLock::acquire(path()));
    }

    void namesWhatCannotBeUsed_data()
    {
        QTest::addColumn<QString>("path"); // %1 is an existing directory
        QTest::addColumn<QString>("words");
        QTest::newRow("no directory") << u"%1/none/gatehouse.db"_s << u"%1/none: No such file or directory"_s;
        QTest::newRow("a file for a directory") << u"%1/file/gatehouse.db"_s << u"%1/file: Not a directory"_s;
        QTest::newRow("takes no files") << u"/proc/gatehouse.db"_s << u"/proc: "_s;
        QTest::newRow("the lock is a directory") << u"%1/taken"_s << u"%1: Is a directory"_s;
    }
    void namesWhatCannotBeUsed()
    {
        QFETCH(QString, path);
        QFETCH(QString, words);
        QFile file(m_dir->filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(QDir(m_dir->path()).mkdir(u"taken.lock"_s));
        const auto inDir = [this](const QString &text) { return text.contains(u'%') ? text.arg(m_dir->path()) : text; };
        const auto lock = StateLock::acquire(inDir(path));
        QVERIFY(!lock);
        QVERIFY2(lock.error().message.contains(inDir(words)), qPrintable(lock.error().message));
        QCOMPARE(lock.error().field, u"STATE_DIR"_s);
    }
};

QTEST_GUILESS_MAIN(TestStateLock)
#include "tst_statelock.moc"
