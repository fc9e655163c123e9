// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/serieswindow.h"

#include <cmath>

#include <QtTest/QTest>

#include "shared/util/isotime.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s }; // a multiple of every length used here
constexpr Metric kActive = Metric::ActiveConnections;
constexpr double kGap = HistoryReply::kGap;

HistoryReply history(const std::vector<double> &values, UtcTime from = kStart)
{
    return makeHistory(
        from, 1s, qsizetype(values.size()), { { kActive, [&](qsizetype i) { return values[size_t(i)]; } } });
}

double millis(UtcTime time)
{
    return double(toEpochMillis(time));
}

} // namespace

class TestSeriesWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBucketIsAPointInItsMiddle()
    {
        const QList<QPointF> points = linePoints(history({ 3, 4, 5 }), kActive, 100);
        QCOMPARE(points,
            (QList<QPointF>{
                { millis(kStart) + 500, 3 }, { millis(kStart) + 1500, 4 }, { millis(kStart) + 2500, 5 } }));
    }

    void aGroupKeepsItsExtremes()
    {
        std::vector<double> values(1000, 10);
        values[333] = 99;
        values[777] = 1;
        const QList<QPointF> points = linePoints(history(values), kActive, 50);
        QVERIFY(points.size() <= 2 * 51);
        QCOMPARE(largestY(points), 99.0);
        QCOMPARE(
            std::min_element(points.begin(), points.end(), [](auto a, auto b) { return a.y() < b.y(); })->y(), 1.0);
        QVERIFY(std::is_sorted(points.begin(), points.end(), [](auto a, auto b) { return a.x() < b.x(); }));
    }

    void groupsStandStillWhenTheWindowMoves()
    {
        std::vector<double> values;
        for (int i = 0; i < 100; ++i)
            values.push_back(i % 7);
        const QList<QPointF> before = linePoints(history(values), kActive, 10);
        // One second later: the same samples but the first, and one more.
        values.erase(values.begin());
        values.push_back(100 % 7);
        const QList<QPointF> after = linePoints(history(values, kStart + 1s), kActive, 10);
        int common = 0;
        for (const QPointF &point : before)
            common += after.contains(point) ? 1 : 0;
        QVERIFY2(common >= before.size() - 4, qPrintable(QString::number(common)));
    }

    void aGapIsCrossedFromEdgeToEdge()
    {
        const QList<QPointF> points = linePoints(history({ 5, 6, kGap, kGap, 8, 9 }), kActive, 100);
        QVERIFY(points.contains(QPointF(millis(kStart + 2s), 6))); // holds its height until the gap begins
        QVERIFY(points.contains(QPointF(millis(kStart + 4s), 8)));
        for (const QPointF &point : points)
            QVERIFY(!std::isnan(point.y()));
    }

    void gapsBeginAndEndWhereSamplesDo_data()
    {
        QTest::addColumn<std::vector<double>>("values");
        QTest::addColumn<int>("untilSeconds");
        QTest::addColumn<QList<std::pair<int, int>>>("gaps"); // in seconds
        using Gaps = QList<std::pair<int, int>>;
        QTest::newRow("none") << std::vector<double>{ 1, 2, 3 } << 3 << Gaps{};
        QTest::newRow("inside") << std::vector<double>{ 1, kGap, kGap, kGap, 5 } << 5 << Gaps{ { 1, 4 } };
        QTest::newRow("jitter") << std::vector<double>{ 1, kGap, 3 } << 3 << Gaps{};
        QTest::newRow("before the first sample is none")
            << std::vector<double>{ kGap, kGap, kGap, 4, 5 } << 5 << Gaps{};
        QTest::newRow("still going on") << std::vector<double>{ 1, 2, kGap, kGap } << 10 << Gaps{ { 2, 10 } };
        QTest::newRow("after the data") << std::vector<double>{ 1, 2 } << 9 << Gaps{ { 2, 9 } };
        QTest::newRow("nothing at all") << std::vector<double>{ kGap, kGap, kGap } << 9 << Gaps{};
    }
    void gapsBeginAndEndWhereSamplesDo()
    {
        QFETCH(std::vector<double>, values);
        QFETCH(int, untilSeconds);
        const auto gaps = gapsOf(history(values), kActive, kStart + std::chrono::seconds(untilSeconds), 2500ms);
        QList<std::pair<int, int>> seconds;
        for (const TimeSpan &gap : gaps)
            seconds << std::pair(int((gap.from - kStart) / 1s), int((gap.to - kStart) / 1s));
        QTEST(seconds, "gaps");
    }

    void barsSumRates()
    {
        // Ten buckets of 10 s at 0.5 a second are 5 each; bars of 30 s hold 15.
        const HistoryReply reply = makeHistory(kStart, 10s, 10, { { Metric::RefusedOrigin, always(0.5) } });
        const std::vector<BarBucket> bars = barBuckets(reply, { Metric::RefusedOrigin, Metric::RefusedToken }, 30s);
        QCOMPARE(bars.size(), 4U);
        QCOMPARE(bars[0].from, kStart);
        QCOMPARE(bars[0].sums[0], 15.0);
        QCOMPARE(bars[3].from, kStart + 90s);
        QCOMPARE(bars[3].sums[0], 5.0);       // the last one has only begun
        QVERIFY(std::isnan(bars[0].sums[1])); // not in the reply: nothing is known, which is not nought
    }

    void aBarSumsTheSecondsThatWereRecorded()
    {
        // Two minutes at 2 a second; the server came up when the first had 15 s left.
        HistoryReply reply = makeHistory(kStart, 60s, 2, { { Metric::RefusedOrigin, always(2) } });
        reply.seconds[0] = 15;
        QCOMPARE(barBuckets(reply, { Metric::RefusedOrigin }, 60s)[0].sums[0], 30.0);
        QCOMPARE(barBuckets(reply, { Metric::RefusedOrigin }, 120s)[0].sums[0], 150.0);
    }

    void aBarKeepsItsPlaceWhenTheHistoryBeginsInIt()
    {
        const HistoryReply reply = makeHistory(kStart + 20s, 10s, 4, { { Metric::RefusedOrigin, always(1) } });
        const std::vector<BarBucket> bars = barBuckets(reply, { Metric::RefusedOrigin }, 30s);
        QCOMPARE(bars.size(), 2U);
        QCOMPARE(bars[0].from, kStart);
        QCOMPARE(bars[0].sums[0], 10.0);
        QCOMPARE(bars[1].from, kStart + 30s);
        QCOMPARE(bars[1].sums[0], 30.0);
    }

    void barsSkipGapsAndBadInput()
    {
        const HistoryReply reply = makeHistory(
            kStart, 1s, 3, { { Metric::RefusedOrigin, [](qsizetype i) { return i == 1 ? kGap : 2.0; } } });
        QCOMPARE(barBuckets(reply, { Metric::RefusedOrigin }, 3s)[0].sums[0], 4.0);
        QVERIFY(barBuckets({}, { Metric::RefusedOrigin }, 3s).empty());
        HistoryReply noStep = reply;
        noStep.step = 0ms;
        QVERIFY(barBuckets(noStep, { Metric::RefusedOrigin }, 3s).empty());
    }

    void barWidthIsRound_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("width");
        QTest::newRow("a minute") << 60 << 60 << 1;
        QTest::newRow("five minutes") << 300 << 110 << 5;
        QTest::newRow("an hour") << 3600 << 120 << 30;
        QTest::newRow("a day") << 86'400 << 110 << 900;
        QTest::newRow("too long for any") << 86'400 * 400 << 10 << 86'400;
    }
    void barWidthIsRound()
    {
        QFETCH(int, seconds);
        QFETCH(int, count);
        QFETCH(int, width);
        QCOMPARE(barWidth(std::chrono::seconds(seconds), count), std::chrono::milliseconds(width * 1000));
    }

    void findsValues()
    {
        const HistoryReply reply = history({ 3, kGap, 5, kGap });
        QCOMPARE(valueAt(reply, kActive, kStart + 2500ms), 5.0);
        QVERIFY(std::isnan(valueAt(reply, kActive, kStart + 1s)));
        QVERIFY(std::isnan(valueAt(reply, kActive, kStart - 1ms)));
        QVERIFY(std::isnan(valueAt(reply, kActive, kStart + 4s)));
        QVERIFY(std::isnan(valueAt(reply, Metric::Closes, kStart)));
        QCOMPARE(lastValue(reply, kActive), 5.0);
        QVERIFY(std::isnan(lastValue(history({ kGap }), kActive)));
        QVERIFY(std::isnan(lastValue(reply, Metric::Closes)));
        QCOMPARE(largestY({}), 0.0);
        QVERIFY(linePoints(reply, Metric::Closes, 10).isEmpty());
        QVERIFY(gapsOf(reply, Metric::Closes, kStart + 10s, 1s).empty());
    }
};

QTEST_MAIN(TestSeriesWindow)
#include "tst_serieswindow.moc"
