// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <QtCore/QTemporaryFile>
#include <QtTest/QTest>

#include "server/log/journal.h"

using namespace gatehouse;

class TestJournal final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsTheStreamByItsInode();
    void othersAreNone_data();
    void othersAreNone();
    void eachLevelHasAPriority();
};

void TestJournal::knowsTheStreamByItsInode()
{
    QTemporaryFile file;
    QVERIFY(file.open());
    struct stat status
    {
    };
    QCOMPARE(::fstat(file.handle(), &status), 0);
    const QByteArray device = QByteArray::number(qulonglong(status.st_dev));
    const QByteArray inode = QByteArray::number(qulonglong(status.st_ino));
    const QByteArray next = QByteArray::number(qulonglong(status.st_ino) + 1);
    QVERIFY(isJournal(file.handle(), QByteArray(device + ':' + inode)));
    QVERIFY(!isJournal(file.handle(), QByteArray(device + ':' + next)));
    QVERIFY(!isJournal(file.handle(), QByteArray(inode + ':' + device)));
    QVERIFY(!isJournal(-1, QByteArray(device + ':' + inode)));
}

void TestJournal::othersAreNone_data()
{
    QTest::addColumn<QByteArray>("value");
    for (const char *value : { "", ":", "8:", ":12", "8", "8:12:3", "nonsense", " 8:12" })
        QTest::newRow(value) << QByteArray(value);
}

void TestJournal::othersAreNone()
{
    QFETCH(QByteArray, value);
    QTemporaryFile file;
    QVERIFY(file.open());
    QVERIFY(!isJournal(file.handle(), value));
}

void TestJournal::eachLevelHasAPriority()
{
    QCOMPARE(journalPrefix(LogLevel::Error), QByteArrayView("<3>"));
    QCOMPARE(journalPrefix(LogLevel::Warning), QByteArrayView("<4>"));
    QCOMPARE(journalPrefix(LogLevel::Info), QByteArrayView("<6>"));
    QCOMPARE(journalPrefix(LogLevel::Debug), QByteArrayView("<7>"));
}

QTEST_APPLESS_MAIN(TestJournal)
#include "tst_journal.moc"
