// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <QtTest/QtTest>

#include "server/bench/measures.h"

using namespace gatehouse::bench;
using namespace std::chrono_literals;

class TestMeasures final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tableIsInOrder();
    void medians();
    void absentValuesDoNotCount();
    void latencies();
    void meterCounts();
};

void TestMeasures::tableIsInOrder()
{
    std::set<QLatin1StringView> names;
    for (size_t i = 0; i < kMeasureCount; ++i) {
        QCOMPARE(size_t(measureDescriptors()[i].measure), i);
        names.insert(measureDescriptors()[i].name);
    }
    QCOMPARE(names.size(), kMeasureCount);
}

void TestMeasures::medians()
{
    std::vector<Round> rounds(3);
    rounds[0].set(Measure::Seconds, 9.0);
    rounds[1].set(Measure::Seconds, 1.0);
    rounds[2].set(Measure::Seconds, 2.0);
    QCOMPARE(*median(rounds, Measure::Seconds), 2.0);
    QCOMPARE(*lowest(rounds, Measure::Seconds), 1.0);
    QCOMPARE(*highest(rounds, Measure::Seconds), 9.0);
    rounds.pop_back();
    QCOMPARE(*median(rounds, Measure::Seconds), 5.0);
}

void TestMeasures::absentValuesDoNotCount()
{
    std::vector<Round> rounds(2);
    QVERIFY(!median(rounds, Measure::Cut) && !lowest(rounds, Measure::Cut) && !highest(rounds, Measure::Cut));
    rounds[1].set(Measure::Cut, 4.0);
    QCOMPARE(*median(rounds, Measure::Cut), 4.0);
    rounds[0].set(Measure::RssAfter, std::optional<qint64>());
    QVERIFY(!rounds[0].value(Measure::RssAfter));
}

void TestMeasures::latencies()
{
    Round round;
    round.setLatencies({}, Measure::LatencyP50, Measure::LatencyP99);
    QVERIFY(!round.value(Measure::LatencyP50));
    Latencies latencies;
    latencies.add(2ms);
    round.setLatencies(latencies, Measure::BaselineP50, Measure::BaselineP99);
    QVERIFY(!round.value(Measure::LatencyMax));
    round.setLatencies(latencies, Measure::LatencyP50, Measure::LatencyP99);
    QCOMPARE(*round.value(Measure::LatencyP50), 2.0);
    QCOMPARE(*round.value(Measure::LatencyP99), 2.0);
    QCOMPARE(*round.value(Measure::LatencyMax), 2.0);
}

void TestMeasures::meterCounts()
{
    const auto usage = ProcessUsage::of({ QCoreApplication::applicationPid() });
    const Meter meter(*usage);
    const CpuTime before = ownCpuTime();
    while (ownCpuTime().total() - before.total() < 30ms) { // longer than a tick of /proc/PID/stat
    }
    Round round;
    meter.finish(round, 1000);
    QCOMPARE(*round.value(Measure::Operations), 1000.0);
    QVERIFY(*round.value(Measure::LoadPerOperation) >= 30.0);
    QVERIFY(*round.value(Measure::CpuPerOperation) >= 10.0);
    QVERIFY(*round.value(Measure::Seconds) > 0.0);
    Round empty;
    const auto nobody = ProcessUsage::of({});
    Meter(*nobody).finish(empty, 0);
    QVERIFY(!empty.value(Measure::CpuPerOperation) && !empty.value(Measure::LoadPerOperation));
    QVERIFY(!empty.value(Measure::CpuPercent));
    QCOMPARE(*empty.value(Measure::PerSecond), 0.0);
}

QTEST_GUILESS_MAIN(TestMeasures)
#include "tst_measures.moc"
