// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <thread>

#include <QtTest/QTest>

#include "server/base/latencyhistogram.h"

using namespace std::chrono_literals;
using namespace gatehouse;

class TestLatencyHistogram final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void boundsGrow()
    {
        QVERIFY(std::is_sorted(LatencyHistogram::kBounds.begin(), LatencyHistogram::kBounds.end()));
        QVERIFY(LatencyHistogram::kBounds.front() > 0);
    }

    void countsInTheSmallestBucketThatFits_data()
    {
        QTest::addColumn<qint64>("micros");
        QTest::addColumn<int>("bucket"); // -1: none
        QTest::newRow("nothing") << qint64(0) << 0;
        QTest::newRow("a bound is of its bucket") << qint64(1000) << 2;
        QTest::newRow("just over it") << qint64(1001) << 3;
        QTest::newRow("between") << qint64(7000) << 5;
        QTest::newRow("the last bound") << qint64(2'500'000) << 12;
        QTest::newRow("longer than any") << qint64(2'500'001) << -1;
        QTest::newRow("an hour") << qint64(3'600'000'000) << -1;
        QTest::newRow("a clock that ran backwards") << qint64(-5) << 0;
    }
    void countsInTheSmallestBucketThatFits()
    {
        QFETCH(qint64, micros);
        QFETCH(int, bucket);
        LatencyHistogram histogram;
        histogram.add(std::chrono::microseconds(micros));
        for (size_t i = 0; i < LatencyHistogram::kBounds.size(); ++i)
            QCOMPARE(histogram.bucket(i), int(i) == bucket ? 1 : 0);
        QCOMPARE(histogram.count(), 1);
        QCOMPARE(histogram.sumSeconds(), double(micros) / 1e6);
    }

    void sumsUp()
    {
        LatencyHistogram histogram;
        for (int i = 0; i < 1000; ++i)
            histogram.add(1500us);
        QCOMPARE(histogram.count(), 1000);
        QCOMPARE(histogram.bucket(3), 1000);
        QCOMPARE(histogram.sumSeconds(), 1.5);
    }

    void losesNothingBetweenThreads()
    {
        LatencyHistogram histogram;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&histogram] {
                for (int j = 0; j < 5000; ++j)
                    histogram.add(j % 2 == 0 ? 1ms : 10s);
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(histogram.count(), 20'000);
        QCOMPARE(histogram.bucket(2), 10'000);
        QCOMPARE(histogram.sumSeconds(), 10'000 * 10.001);
    }
};

QTEST_GUILESS_MAIN(TestLatencyHistogram)
#include "tst_latencyhistogram.moc"
