// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/seriesbuffer.h"

#include <cmath>

#include <QtTest/QtTest>

#include "shared/util/isotime.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestSeriesBuffer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void startsEmpty();
    void keepsWhatItWasGiven();
    void aMissingSecondIsAGap();
    void aTickALittleOffIsNoGap();
    void fillsWhatWasMissed();
    void neverOverwritesWhatWasSeenLive();
    void keepsExtremesAndMeanOfABucket();
    void forgetsAfterADay();
    void ignoresWhatIsOlderThanADay();
    void aClockSetBackLosesNothing();
    void drawsAtMostTwoPointsAPixel_data();
    void drawsAtMostTwoPointsAPixel();
    void keepsSpikesWhenThinned();
    void thinnedLinesDoNotShimmer();
    void addsSeveralMetrics();
    void drawsNothingForNothing();
    void findsMaximumAndSum();
    void memoryIsBounded();
    void drawsHistory();
    void aDayIsDrawnQuickly();
};

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

MetricsFrame frameAt(UtcTime time, double connections, double messages = 0)
{
    MetricsFrame frame;
    frame.time = time;
    frame[Metric::ActiveConnections] = connections;
    frame[Metric::MessagesIn] = messages;
    return frame;
}

HistoryReply history(UtcTime from, std::chrono::milliseconds step, const std::vector<double> &values)
{
    HistoryReply reply;
    reply.from = from;
    reply.step = step;
    reply.bucketCount = qsizetype(values.size());
    reply.series.push_back({ Metric::ActiveConnections, values, values, values });
    return reply;
}

/// y of each point, gaps as -1.
std::vector<double> ys(const SeriesPoints &points)
{
    std::vector<double> values;
    for (const QPointF &point : points)
        values.push_back(std::isnan(point.y()) ? -1 : point.y());
    return values;
}

double at(const SeriesBuffer &buffer, UtcTime time)
{
    return buffer.valueAt(Metric::ActiveConnections, time);
}

} // namespace

void TestSeriesBuffer::startsEmpty()
{
    const SeriesBuffer buffer;
    QVERIFY(buffer.isEmpty());
    QVERIFY(!buffer.newest());
    QVERIFY(!buffer.oldest());
    QVERIFY(std::isnan(at(buffer, kStart)));
    QVERIFY(buffer.points(Metric::ActiveConnections, { kStart, kStart + 1min }, 100).empty());
}

void TestSeriesBuffer::keepsWhatItWasGiven()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 3; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    QCOMPARE(*buffer.newest(), kStart + 3s);
    QCOMPARE(*buffer.oldest(), kStart);
    QCOMPARE(at(buffer, kStart + 2s), 2.0);
    const SeriesPoints points = buffer.points(Metric::ActiveConnections, { kStart, kStart + 3s }, 100);
    QCOMPARE(ys(points), (std::vector<double>{ 1, 2, 3 }));
    QCOMPARE(points.back().x(), double(toEpochMillis(kStart + 3s)));
    buffer.clear();
    QVERIFY(buffer.isEmpty());
}

void TestSeriesBuffer::aMissingSecondIsAGap()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1));
    buffer.append(frameAt(kStart + 5s, 5));
    QVERIFY(std::isnan(at(buffer, kStart + 3s)));
    // One break, not one for each second.
    QCOMPARE(ys(buffer.points(Metric::ActiveConnections, { kStart, kStart + 1min }, 1000)),
        (std::vector<double>{ 1, -1, 5 }));
}

void TestSeriesBuffer::aTickALittleOffIsNoGap()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1499ms, 1));
    buffer.append(frameAt(kStart + 2501ms, 2));
    buffer.append(frameAt(kStart + 3499ms, 3));
    for (const double y : ys(buffer.points(Metric::ActiveConnections, { kStart, kStart + 10s }, 1000)))
        QVERIFY(y > 0);
}

void TestSeriesBuffer::fillsWhatWasMissed()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1));
    buffer.append(frameAt(kStart + 5s, 5));
    buffer.fill(history(kStart - 2s, 1s, { 8, 9, 7, 2, 3, HistoryReply::kGap, 4 }));
    QCOMPARE(at(buffer, kStart - 1s), 8.0);
    QCOMPARE(at(buffer, kStart), 9.0);
    QCOMPARE(at(buffer, kStart + 1s), 1.0); // seen live: 7 is ignored
    QCOMPARE(at(buffer, kStart + 2s), 2.0);
    QCOMPARE(at(buffer, kStart + 3s), 3.0);
    QVERIFY(std::isnan(at(buffer, kStart + 4s)));
    QCOMPARE(at(buffer, kStart + 5s), 5.0);
    QCOMPARE(*buffer.oldest(), kStart - 2s);
}

void TestSeriesBuffer::neverOverwritesWhatWasSeenLive()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 60; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    buffer.fill(history(kStart, 60s, { 999 }));
    for (int i = 1; i <= 60; ++i)
        QCOMPARE(at(buffer, kStart + std::chrono::seconds(i)), double(i));
}

void TestSeriesBuffer::keepsExtremesAndMeanOfABucket()
{
    SeriesBuffer buffer;
    HistoryReply reply = history(kStart, 10s, { 5 });
    reply.series[0].minimum = { 1 };
    reply.series[0].maximum = { 20 };
    buffer.fill(reply);
    const TimeInterval bucket{ kStart, kStart + 10s };
    QCOMPARE(buffer.maximum(Metric::ActiveConnections, bucket), 20.0);
    QVERIFY(std::abs(buffer.sum(Metric::ActiveConnections, bucket) - 50.0) < 0.01);
    const SeriesPoints points = buffer.points(Metric::ActiveConnections, bucket, 1);
    QCOMPARE(std::min(points.front().y(), points.back().y()), 1.0);
    QVERIFY(std::isnan(buffer.valueAt(Metric::MessagesIn, kStart + 5s)));
}

void TestSeriesBuffer::forgetsAfterADay()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart, 1));
    buffer.append(frameAt(kStart + 24h - 1s, 2));
    QCOMPARE(at(buffer, kStart), 1.0);
    buffer.append(frameAt(kStart + 24h, 3));
    QVERIFY(std::isnan(at(buffer, kStart)));
    QCOMPARE(at(buffer, kStart + 24h), 3.0);
    // A week later nothing of the first day may show up again.
    buffer.append(frameAt(kStart + 24h * 7, 4));
    QCOMPARE(
        ys(buffer.points(Metric::ActiveConnections, { kStart, kStart + 24h * 8 }, 10'000)), std::vector<double>{ 4 });
}

void TestSeriesBuffer::ignoresWhatIsOlderThanADay()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart, 1));
    buffer.append(frameAt(kStart - 25h, 9));
    buffer.fill(history(kStart - 48h, 1h, std::vector<double>(12, 9.0)));
    QCOMPARE(*buffer.oldest(), kStart - 1s);
    QCOMPARE(*buffer.newest(), kStart);
}

void TestSeriesBuffer::aClockSetBackLosesNothing()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 10; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    buffer.append(frameAt(kStart + 5s, 50));
    QCOMPARE(at(buffer, kStart + 5s), 50.0);
    QCOMPARE(at(buffer, kStart + 10s), 10.0);
    QCOMPARE(*buffer.newest(), kStart + 10s);
}

void TestSeriesBuffer::drawsAtMostTwoPointsAPixel_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("pixels");
    QTest::newRow("a minute on 800") << 60 << 800;
    QTest::newRow("an hour on 800") << 3600 << 800;
    QTest::newRow("an hour on 37") << 3600 << 37;
    QTest::newRow("six hours on 1") << 21'600 << 1;
    QTest::newRow("a day on 1500") << 86'400 << 1500;
}

void TestSeriesBuffer::drawsAtMostTwoPointsAPixel()
{
    QFETCH(int, seconds);
    QFETCH(int, pixels);
    SeriesBuffer buffer;
    for (int i = 1; i <= seconds; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), (i * 7919) % 1000));
    const TimeInterval interval{ kStart, kStart + std::chrono::seconds(seconds) };
    const SeriesPoints points = buffer.points(Metric::ActiveConnections, interval, pixels);
    QVERIFY(!points.empty());
    QVERIFY2(points.size() <= size_t(2 * (pixels + 1)), qPrintable(QString::number(points.size())));
    for (size_t i = 1; i < points.size(); ++i)
        QVERIFY(points[i].x() > points[i - 1].x());
}

void TestSeriesBuffer::keepsSpikesWhenThinned()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 3600; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i == 1234 ? 1000 : i == 2345 ? 0 : 10));
    const std::vector<double> values = ys(buffer.points(Metric::ActiveConnections, { kStart, kStart + 1h }, 50));
    QCOMPARE(*std::max_element(values.begin(), values.end()), 1000.0);
    QCOMPARE(*std::min_element(values.begin(), values.end()), 0.0);
}

void TestSeriesBuffer::thinnedLinesDoNotShimmer()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 3700; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), (i * 7919) % 1000));
    const SeriesPoints before = buffer.points(Metric::ActiveConnections, { kStart, kStart + 1h }, 60);
    const SeriesPoints after = buffer.points(Metric::ActiveConnections, { kStart + 1s, kStart + 1h + 1s }, 60);
    // All but the buckets at the two edges are the same points.
    const auto first = std::find(after.begin(), after.end(), before[10]);
    QVERIFY(first != after.end());
    QVERIFY(std::equal(before.begin() + 10, before.end() - 4, first));
}

void TestSeriesBuffer::addsSeveralMetrics()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1, 10));
    buffer.append(frameAt(kStart + 2s, 2, 20));
    QCOMPARE(ys(buffer.points({ Metric::ActiveConnections, Metric::MessagesIn }, { kStart, kStart + 2s }, 100)),
        (std::vector<double>{ 11, 22 }));
}

void TestSeriesBuffer::drawsNothingForNothing()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1));
    QVERIFY(buffer.points(std::vector<Metric>{}, { kStart, kStart + 1s }, 10).empty());
    QVERIFY(buffer.points(Metric::ActiveConnections, { kStart, kStart + 1s }, 0).empty());
    QVERIFY(buffer.points(Metric::ActiveConnections, { kStart + 1s, kStart }, 10).empty());
    QVERIFY(buffer.points(Metric::ActiveConnections, { kStart - 1h, kStart - 1min }, 10).empty());
    QVERIFY(buffer.points(Metric::ActiveConnections, { kStart + 1min, kStart + 1h }, 10).empty());
}

void TestSeriesBuffer::findsMaximumAndSum()
{
    SeriesBuffer buffer;
    for (const int i : { 1, 2, 4, 5 })
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    QCOMPARE(buffer.maximum(Metric::ActiveConnections, { kStart, kStart + 4s }), 4.0);
    QCOMPARE(buffer.sum(Metric::ActiveConnections, { kStart, kStart + 4s }), 7.0);
    QVERIFY(std::isnan(buffer.maximum(Metric::ActiveConnections, { kStart - 1h, kStart - 1min })));
}

void TestSeriesBuffer::memoryIsBounded()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart, 1));
    const size_t bytes = buffer.memoryBytes();
    for (int i = 0; i < 100; ++i)
        buffer.append(frameAt(kStart + std::chrono::hours(i * 5), i));
    QCOMPARE(buffer.memoryBytes(), bytes);
    QVERIFY(bytes < 6'000'000);
}

void TestSeriesBuffer::drawsHistory()
{
    HistoryReply reply = history(kStart, 60s, { 1, HistoryReply::kGap, HistoryReply::kGap, 3 });
    reply.series[0].minimum[3] = 2;
    const SeriesPoints points = historyPoints(reply, Metric::ActiveConnections);
    QCOMPARE(ys(points), (std::vector<double>{ 1, -1, 2, 3 }));
    QCOMPARE(points.back().x(), double(toEpochMillis(kStart + 240s)));
    QVERIFY(historyPoints(reply, Metric::MessagesIn).empty());
}

void TestSeriesBuffer::aDayIsDrawnQuickly()
{
    SeriesBuffer buffer;
    for (int i = 0; i < 86'400; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), (i * 7919) % 1000));
    qsizetype count = 0;
    QBENCHMARK
    {
        count += qsizetype(buffer.points(Metric::ActiveConnections, { kStart, kStart + 24h }, 1200).size());
    }
    QVERIFY(count > 0);
}

QTEST_GUILESS_MAIN(TestSeriesBuffer)
#include "tst_seriesbuffer.moc"
