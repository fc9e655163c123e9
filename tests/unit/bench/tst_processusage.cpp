// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/bench/processusage.h"

using namespace Qt::StringLiterals;
using namespace gatehouse::bench;
using namespace std::chrono_literals;

class TestProcessUsage final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsStat_data();
    void readsStat();
    void refusesOtherStats_data();
    void refusesOtherStats();
    void readsKibibytes_data();
    void readsKibibytes();
    void knowsThisProcess();
    void sumsProcesses();
    void namesTheMissingProcess();
};

void TestProcessUsage::readsStat_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("plain") << QByteArray("gatehouse");
    QTest::newRow("blanks") << QByteArray("my server");
    QTest::newRow("brackets") << QByteArray("a) S 1 (b");
}

void TestProcessUsage::readsStat()
{
    QFETCH(QByteArray, name);
    const QByteArray stat
        = "4242 (" + name + ") S 1 4242 4242 0 -1 4194304 900 0 3 0 150 25 7 9 20 0 5 0 1000 12345 99\n";
    const std::optional<CpuTime> time = parseStat(stat, 100);
    QVERIFY(time);
    QVERIFY(time->user == 1500ms);
    QVERIFY(time->system == 250ms);
    QVERIFY(time->total() == 1750ms);
}

void TestProcessUsage::refusesOtherStats_data()
{
    QTest::addColumn<QByteArray>("stat");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no name") << QByteArray("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
    QTest::newRow("short") << QByteArray("1 (x) S 1 1 1 0 -1 4194304 900 0 3 0 150");
    QTest::newRow("words") << QByteArray("1 (x) S 1 1 1 0 -1 4194304 900 0 3 0 many 25 7 9");
}

void TestProcessUsage::refusesOtherStats()
{
    QFETCH(QByteArray, stat);
    QVERIFY(!parseStat(stat, 100));
}

void TestProcessUsage::readsKibibytes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("value"); // -1: none
    QTest::newRow("status") << QByteArray("Name:\tx\nVmRSS:\t   28504 kB\nRss:\t 7 kB\n") << qint64(7);
    QTest::newRow("last line without end") << QByteArray("Rss:   12 kB") << qint64(12);
    QTest::newRow("only as a part of another name") << QByteArray("VmRss:   12 kB\nRssAnon: 4 kB\n") << qint64(-1);
    QTest::newRow("other unit") << QByteArray("Rss: 12 MB\n") << qint64(-1);
    QTest::newRow("no number") << QByteArray("Rss: x kB\n") << qint64(-1);
    QTest::newRow("empty") << QByteArray() << qint64(-1);
}

void TestProcessUsage::readsKibibytes()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, value);
    QCOMPARE(parseKibibytes(text, "Rss").value_or(-1), value);
}

void TestProcessUsage::knowsThisProcess()
{
    const auto usage = ProcessUsage::of({ QCoreApplication::applicationPid() });
    QVERIFY(usage.isOk());
    QVERIFY(usage->cpuTime());
    QVERIFY(usage->residentKibibytes().value_or(0) > 1000);
    const CpuTime before = ownCpuTime();
    quint64 work = 1;
    while (ownCpuTime().total() - before.total() < 2ms)
        work = work * 6364136223846793005U + 1;
    QVERIFY(work != 0);
}

void TestProcessUsage::sumsProcesses()
{
    const qint64 own = QCoreApplication::applicationPid();
    const auto one = ProcessUsage::of({ own });
    const auto twice = ProcessUsage::of({ own, own });
    QVERIFY(*twice->residentKibibytes() > *one->residentKibibytes() * 3 / 2);
    const auto none = ProcessUsage::of({});
    QVERIFY(none.isOk());
    QVERIFY(!none->cpuTime() && !none->residentKibibytes());
}

void TestProcessUsage::namesTheMissingProcess()
{
    const auto usage
        = ProcessUsage::of({ QCoreApplication::applicationPid(), 4'194'304 }); // beyond the kernel's highest
    QVERIFY(!usage.isOk());
    QCOMPARE(usage.error().message, u"there is no process 4194304"_s);
}

QTEST_GUILESS_MAIN(TestProcessUsage)
#include "tst_processusage.moc"
