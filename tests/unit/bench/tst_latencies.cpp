// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <random>
#include <vector>

#include <QtTest/QtTest>

#include "server/bench/latencies.h"

using namespace gatehouse::bench;
using namespace std::chrono_literals;

class TestLatencies final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsZero();
    void smallOnesAreExact();
    void nearestRank();
    void staysWithinOneSixtyFourth_data();
    void staysWithinOneSixtyFourth();
    void takesAnything();
};

void TestLatencies::nothingIsZero()
{
    const Latencies latencies;
    QCOMPARE(latencies.count(), 0);
    QVERIFY(latencies.percentile(50) == 0ns);
    QVERIFY(latencies.longest() == 0ns);
}

void TestLatencies::smallOnesAreExact()
{
    Latencies latencies;
    for (int i = 1; i <= 100; ++i)
        latencies.add(std::chrono::nanoseconds(i));
    QCOMPARE(latencies.percentile(50).count(), 50);
    QCOMPARE(latencies.percentile(99).count(), 99);
    QCOMPARE(latencies.percentile(100).count(), 100);
    QCOMPARE(latencies.percentile(0).count(), 1);
}

void TestLatencies::nearestRank()
{
    Latencies latencies;
    latencies.add(10ns);
    latencies.add(20ns);
    latencies.add(30ns);
    QCOMPARE(latencies.percentile(33).count(), 10);
    QCOMPARE(latencies.percentile(34).count(), 20); // 1.02 of 3: the second
    QCOMPARE(latencies.percentile(50).count(), 20);
    QCOMPARE(latencies.percentile(67).count(), 30);
}

void TestLatencies::staysWithinOneSixtyFourth_data()
{
    QTest::addColumn<double>("scale");
    QTest::newRow("microseconds") << 1e3;
    QTest::newRow("milliseconds") << 1e6;
    QTest::newRow("seconds") << 1e9;
    QTest::newRow("hours") << 3.6e12;
}

void TestLatencies::staysWithinOneSixtyFourth()
{
    QFETCH(double, scale);
    std::mt19937 random(7);
    std::exponential_distribution<double> distribution(1.0);
    Latencies latencies;
    std::vector<qint64> all;
    for (int i = 0; i < 10'000; ++i) {
        all.push_back(qint64(distribution(random) * scale));
        latencies.add(std::chrono::nanoseconds(all.back()));
    }
    std::sort(all.begin(), all.end());
    for (const double percent : { 1.0, 50.0, 90.0, 99.0, 99.9, 100.0 }) {
        const double exact = double(all[size_t(std::ceil(percent / 100 * double(all.size()))) - 1]);
        const double found = double(latencies.percentile(percent).count());
        QVERIFY2(found >= exact && found <= exact * (1 + 1.0 / 64) + 1,
            qPrintable(QString::number(percent) + QLatin1Char(' ') + QString::number(exact) + QLatin1Char(' ')
                + QString::number(found)));
    }
    QCOMPARE(latencies.longest().count(), all.back());
}

void TestLatencies::takesAnything()
{
    Latencies latencies;
    latencies.add(-5ns); // a clock that disagrees with itself
    latencies.add(std::chrono::nanoseconds::max());
    QCOMPARE(latencies.count(), 2);
    QCOMPARE(latencies.percentile(50).count(), 0);
    QVERIFY(latencies.percentile(99) == std::chrono::nanoseconds::max());
}

QTEST_APPLESS_MAIN(TestLatencies)
#include "tst_latencies.moc"
