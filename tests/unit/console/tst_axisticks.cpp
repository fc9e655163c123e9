// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/axisticks.h"

#include <limits>

#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kNoon{ 1'762'776'000s }; // 2025-11-10T12:00:00Z

} // namespace

class TestAxisTicks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "Asia/Bangkok"); }

    void scaleIsRound_data()
    {
        QTest::addColumn<double>("largest");
        QTest::addColumn<int>("intervals");
        QTest::addColumn<double>("maximum");
        QTest::addColumn<double>("step");
        QTest::newRow("nothing") << 0.0 << 4 << 1.0 << 0.5;
        QTest::newRow("negative") << -3.0 << 4 << 1.0 << 0.5;
        QTest::newRow("not a number") << std::numeric_limits<double>::quiet_NaN() << 4 << 1.0 << 0.5;
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << 4 << 1.0 << 0.5;
        QTest::newRow("one") << 1.0 << 4 << 1.0 << 0.5;
        QTest::newRow("no halves of counts") << 3.0 << 5 << 3.0 << 1.0;
        QTest::newRow("seven") << 7.0 << 4 << 8.0 << 2.0;
        QTest::newRow("quarters of a hundred") << 90.0 << 4 << 100.0 << 25.0;
        QTest::newRow("thousands") << 10'500.0 << 3 << 15'000.0 << 5'000.0;
        QTest::newRow("no interval") << 10.0 << 0 << 10.0 << 10.0;
    }
    void scaleIsRound()
    {
        QFETCH(double, largest);
        QFETCH(int, intervals);
        const ValueScale scale = niceScale(largest, intervals, QLocale::c());
        QTEST(scale.maximum, "maximum");
        QVERIFY(scale.ticks.size() >= 2);
        QTEST(scale.ticks[1].position, "step");
        QCOMPARE(scale.ticks.front().position, 0.0);
        QCOMPARE(scale.ticks.back().position, scale.maximum);
        QVERIFY(int(scale.ticks.size()) <= std::max(intervals, 2) + 1);
    }

    void labelsAreOfTheLocale()
    {
        QCOMPARE(niceScale(12'000, 3, QLocale(QLocale::English)).ticks.back().label, u"15,000"_s);
        QCOMPARE(niceScale(12'000, 3, QLocale(QLocale::German)).ticks.back().label, u"15.000"_s);
    }

    void timeTicksAreAtRoundLocalTimes_data()
    {
        QTest::addColumn<int>("minutes");
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("stepSeconds");
        QTest::addColumn<QString>("first");
        QTest::newRow("a minute") << 1 << 6 << 10 << u"19:00:00"_s;
        QTest::newRow("five minutes") << 5 << 6 << 60 << u"19:00"_s;
        QTest::newRow("an hour") << 60 << 6 << 600 << u"19:00"_s;
        QTest::newRow("six hours") << 360 << 6 << 3600 << u"19:00"_s;
        QTest::newRow("a day") << 1440 << 8 << 10'800 << u"21:00"_s; // every three hours of Bangkok, not of UTC
        QTest::newRow("a week") << 10'080 << 7 << 86'400 << u"11 Nov"_s;
    }
    void timeTicksAreAtRoundLocalTimes()
    {
        QFETCH(int, minutes);
        QFETCH(int, count);
        QFETCH(int, stepSeconds);
        const std::vector<AxisTick> ticks
            = timeTicks(kNoon, kNoon + std::chrono::minutes(minutes), kNoon, count, QLocale::c());
        QVERIFY(ticks.size() >= 2);
        QVERIFY(int(ticks.size()) <= count + 1);
        QTEST(ticks.front().label, "first");
        for (size_t i = 1; i < ticks.size(); ++i)
            QCOMPARE(ticks[i].position - ticks[i - 1].position, stepSeconds * 1000.0);
        QVERIFY(ticks.front().position >= double(toEpochMillis(kNoon)));
    }

    void midnightIsADate()
    {
        const UtcTime eight = kNoon + 8h; // three in the morning in Bangkok
        const std::vector<AxisTick> ticks = timeTicks(eight - 6h, eight, eight - 6h, 6, QLocale::c());
        QVERIFY(
            std::any_of(ticks.begin(), ticks.end(), [](const AxisTick &tick) { return tick.label == "11 Nov"_L1; }));
    }

    void badRangesHaveNoTicks()
    {
        QVERIFY(timeTicks(kNoon, kNoon, kNoon, 5, QLocale::c()).empty());
        QVERIFY(timeTicks(kNoon, kNoon - 1min, kNoon, 5, QLocale::c()).empty());
        QVERIFY(timeTicks(kNoon, kNoon + 1min, kNoon, 0, QLocale::c()).empty());
    }

    void numbersAreShort_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("whole") << 4812.0 << u"4,812"_s;
        QTest::newRow("one decimal") << 1.5 << u"1.5"_s;
        QTest::newRow("two decimals") << 6.666 << u"6.67"_s;
        QTest::newRow("tens") << 66.666 << u"66.7"_s;
        QTest::newRow("thousands") << 6666.66 << u"6,667"_s;
        QTest::newRow("none") << std::numeric_limits<double>::quiet_NaN() << u"–"_s;
    }
    void numbersAreShort()
    {
        QFETCH(double, value);
        QTEST(shortNumber(value, QLocale(QLocale::English)), "text");
    }

    void timesTellTheDateOnlyWhenItIsLongAgo()
    {
        const QLocale c = QLocale::c();
        QCOMPARE(localTimeText(kNoon, kNoon + 1h, c), u"19:00:00"_s);
        QCOMPARE(localTimeText(kNoon, kNoon + 24h, c), u"10 Nov 19:00:00"_s);
        QCOMPARE(localTimeText(kNoon, kNoon - 25h, c), u"10 Nov 19:00:00"_s);
    }
};

QTEST_GUILESS_MAIN(TestAxisTicks)
#include "tst_axisticks.moc"
